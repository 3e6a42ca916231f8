import { expect, it } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { signatures } from '../../../connectors/webhook/simulator/sign.ts';
import { type HookedBridge, startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { post } from '../../support/hooks/listener.ts';

async function withBridge<T>(fenergo: object, use: (bridge: HookedBridge) => Promise<T>): Promise<T> {
  await using bridge = await startHookedBridge({ pipelines: { fenergo } });
  return await use(bridge);
}

it('publishes once what is polled and sent to the same place, and each way where its topic is its own', {
  timeout: 60_000,
}, async () => {
  await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 3 }] });
  const fenergo = (topic: string) => ({
    from: {
      connector: 'fenergo',
      baseUrl: simulator.baseUrl,
      feeds: ['journey'],
      delivery: 'both',
      webhook: { path: '/hooks/fenergo', verify: { preset: 'fenergo', keys: ['a secret'] } },
    },
    to: [
      { broker: 'out', topic },
      { broker: 'out', topic: '{pipeline}.each.{feed}' },
    ],
  });
  await using bridge = await startHookedBridge({ pipelines: { fenergo: fenergo('{pipeline}.{partitionkey}') } });
  const send = async (data: string) => {
    const proof = signatures.fenergo('a secret')({ body: Buffer.from(data), id: '', at: 0 });
    expect((await post(bridge.url('/hooks/fenergo/journey'), data, proof)).status).toBe(200);
    expect((await post(bridge.url('/hooks/fenergo/journey'), data, { 'x-fenx-signature': 'ab' })).status).toBe(401);
  };
  const ids = async (topic: string) => (await bridge.stored(topic)).map(({ event }) => event['id']);

  expect(await simulator.drained(30_000)).toBe(true);
  const polled = await bridge.stored('fenergo.journey');
  expect(polled).toHaveLength(3);
  for (const { data } of polled) await send(data);
  const once = polled.map(({ event }) => event['id']);
  expect(await ids('fenergo.journey')).toEqual(once);
  const [mine, theirs] = await Promise.all(
    ['journey', 'journey-webhook'].map((feed) => bridge.lines(`fenergo.each.${feed}`)),
  );
  expect(theirs).toEqual(mine);
  expect(theirs).toHaveLength(3);
});

it('completes a batch whose events were sent before, and publishes none of them again', {
  timeout: 60_000,
}, async () => {
  const events = 10;
  await using upstream = await startFenergoSimulator({ fill: [{ feed: 'journey', events }] });
  const one = { to: { broker: 'out', topic: '{pipeline}.{partitionkey}' } };
  const from = { connector: 'fenergo', baseUrl: upstream.baseUrl, feeds: ['journey'] };
  // What the platform says, as another bridge polls it.
  const datas = await withBridge({ ...one, from }, async (bridge) => {
    expect(await upstream.drained(30_000)).toBe(true);
    return (await bridge.stored('fenergo.journey')).map(({ data }) => data);
  });
  expect(datas).toHaveLength(events);

  await using again = await startFenergoSimulator();
  const webhook = { path: '/hooks/fenergo', verify: 'none' };
  const both = { ...from, baseUrl: again.baseUrl, delivery: 'both', webhook };
  await withBridge({ ...one, from: both }, async (bridge) => {
    for (const data of datas) expect((await post(bridge.url('/hooks/fenergo/journey'), data, {})).status).toBe(200);
    again.fill({ feed: 'journey', events });
    expect(await again.drained(30_000)).toBe(true);
    expect(await bridge.lines('fenergo.journey')).toHaveLength(events);
  });
});
