import { expect, it } from 'vitest';
import { startFenergoSimulator } from '../../../connectors/fenergo/simulator/simulator.ts';
import { signatures } from '../../../connectors/webhook/simulator/sign.ts';
import { startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { post } from '../../support/hooks/listener.ts';

it('makes the same event of a notification, polled and sent, in the same place', { timeout: 60_000 }, async () => {
  await using simulator = await startFenergoSimulator({ fill: [{ feed: 'journey', events: 3 }] });
  const fenergo = {
    from: {
      connector: 'fenergo',
      baseUrl: simulator.baseUrl,
      feeds: ['journey'],
      delivery: 'both',
      webhook: { path: '/hooks/fenergo', verify: { preset: 'fenergo', keys: ['a secret'] } },
    },
    to: { broker: 'out', topic: '{pipeline}.{partitionkey}' },
  };
  await using bridge = await startHookedBridge({ pipelines: { fenergo } });
  expect(await simulator.drained(30_000)).toBe(true);
  const polled = await bridge.stored('fenergo.journey');
  expect(polled).toHaveLength(3);

  for (const { data } of polled) {
    const proof = signatures.fenergo('a secret')({ body: Buffer.from(data), id: '', at: 0 });
    expect((await post(bridge.url('/hooks/fenergo/journey'), data, proof)).status).toBe(200);
    expect((await post(bridge.url('/hooks/fenergo/journey'), data, { 'x-fenx-signature': 'ab' })).status).toBe(401);
  }
  const all = await bridge.stored('fenergo.journey');
  expect(all.map(({ event }) => event)).toEqual([...polled, ...polled].map(({ event }) => event));
});
