import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sessionDelivery } from '../../../connectors/async-session/simulator/bodies.ts';
import { fenergoDelivery } from '../../../connectors/fenergo/simulator/bodies.ts';
import { os1Delivery } from '../../../connectors/os1/simulator/bodies.ts';
import { billingDelivery, inArrays } from '../../../connectors/webhook/simulator/bodies.ts';
import { type FaultName, faultNames, type SenderOptions } from '../../../connectors/webhook/simulator/options.ts';
import { startSender } from '../../../connectors/webhook/simulator/sender.ts';
import { signatures } from '../../../connectors/webhook/simulator/sign.ts';
import { type HookedBridge, startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { innocence, judgeSender } from '../../support/hooks/judge-sender.ts';
import { post } from '../../support/hooks/listener.ts';

const timeout = 60_000;
const whsec = `whsec_${Buffer.from('a secret of thirty-two bytes....').toString('base64')}`;

const pipelines = {
  os1: {
    from: {
      connector: 'os1',
      account: 'acme',
      path: '/hooks/os1',
      verify: { preset: 'os1', keys: ['new', 'old'] },
      outcome: { error: 'data.status = "FAILED"' },
    },
    to: { broker: 'out', topic: 'os1' },
  },
  sessions: {
    from: { connector: 'async-session', account: 'acme', path: '/hooks/sessions', verify: { bearer: ['a-token'] } },
    to: { broker: 'out', topic: 'sessions' },
  },
  fenergo: {
    from: {
      connector: 'fenergo',
      baseUrl: 'http://127.0.0.1:1',
      feeds: ['journey'],
      delivery: 'webhook',
      webhook: { path: '/hooks/fenergo', verify: { preset: 'fenergo', keys: ['a secret'] } },
    },
    to: { broker: 'out', topic: 'fenergo' },
  },
  billing: {
    from: {
      connector: 'webhook',
      account: 'acme',
      path: '/hooks/billing',
      verify: { preset: 'standard-webhooks', keys: [whsec] },
      event: { id: '/body/id', type: '"com.example." & body.type', partitionkey: '/body/data/id' },
    },
    to: { broker: 'out', topic: 'billing' },
  },
};

const allFaults = Object.fromEntries(faultNames.map((name) => [name, 0.1])) as Record<FaultName, number>;
const quickly = { firstMs: 20, mostMs: 200, attempts: 100 };

const senders = {
  os1: { make: os1Delivery, sign: signatures.os1('old'), path: '/hooks/os1', feed: 'os1/callbacks' },
  sessions: {
    make: sessionDelivery,
    sign: signatures.bearer('a-token'),
    path: '/hooks/sessions',
    feed: 'sessions/sessions',
  },
  fenergo: {
    make: fenergoDelivery,
    sign: signatures.fenergo('a secret'),
    path: '/hooks/fenergo/journey',
    feed: 'fenergo/journey',
  },
  billing: {
    make: billingDelivery,
    sign: signatures['standard-webhooks'](whsec),
    path: '/hooks/billing',
    feed: 'billing/events',
  },
} as const;

function sendTo(bridge: HookedBridge, name: keyof typeof senders, options: Partial<SenderOptions>) {
  const { make, sign, path } = senders[name];
  return startSender({ url: bridge.url(path), make, sign, deliveries: 300, retry: quickly, ...options });
}

async function sign(body: string, key = 'new'): Promise<Readonly<Record<string, string>>> {
  return signatures.os1(key)({ body: Buffer.from(body), id: '', at: 0 });
}

describe('senders of webhooks, through the listener', () => {
  it.each(Object.keys(senders) as (keyof typeof senders)[])(
    'has every event of %s that was answered with success, in order, and nothing that was not rightly sent',
    { timeout },
    async (name) => {
      await using bridge = await startHookedBridge({ pipelines });
      // Two elements of one body have no order that their sender could tell.
      const make = name === 'billing' ? inArrays(billingDelivery, 0.2) : senders[name].make;
      await using sender = sendTo(bridge, name, { make, faults: allFaults, seed: 7 });
      await sender.done;
      const stored = await bridge.stored(name);
      const verdict = judgeSender(
        sender.ledger(),
        stored.map(({ data }) => data),
        await bridge.letters(senders[name].feed),
      );
      expect(verdict).toEqual(innocence);
      const { statuses, givenUp, safe } = sender.stats();
      expect(givenUp).toBe(0);
      expect(safe).toBeGreaterThanOrEqual(300);
      expect(statuses['401']).toBeGreaterThan(0);
      expect(statuses['0']).toBeGreaterThan(0);
    },
  );

  it('gives the golden envelope of OS1, and 202', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    const folder = join(import.meta.dirname, '../../../connectors/os1/fixtures');
    const body = readFileSync(join(folder, 'records/container-created.body'), 'utf8');
    const answer = await post(bridge.url('/hooks/os1'), body, await sign(body));
    expect(answer.status).toBe(202);
    const [only, ...others] = await bridge.stored('os1');
    expect(others).toEqual([]);
    expect(only?.event).toEqual(JSON.parse(readFileSync(join(folder, 'golden/container-created.json'), 'utf8')));
  });

  it('acknowledges the events of an array together, also where some are dead letters', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    const good = (id: number): object => ({ eventType: 'Created', service: 'Entity', data: { id: `E-${id}` } });
    const body = JSON.stringify([good(1), { service: 'Entity' }, good(2), 5]);
    const answer = await post(bridge.url('/hooks/os1'), body, await sign(body));
    expect(answer.status).toBe(202);
    expect((await bridge.stored('os1')).map(({ event }) => event['subject'])).toEqual(['E-1', 'E-2']);
    expect((await bridge.letters('os1/callbacks')).toSorted()).toEqual(['5', '{"service":"Entity"}']);
  });

  it('answers an empty array with success, and publishes nothing', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    expect((await post(bridge.url('/hooks/os1'), '[]', await sign('[]'))).status).toBe(202);
    expect(await bridge.stored('os1')).toEqual([]);
  });

  it('sets aside what is rightly signed and no event, and answers with success', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    const body = 'eventType=Created';
    expect((await post(bridge.url('/hooks/os1'), body, await sign(body))).status).toBe(202);
    const [letter] = await bridge.operations.deadLetters({ feed: 'os1/callbacks', limit: 10 });
    expect(letter).toMatchObject({ code: 'RECORD_MALFORMED', stage: 'normalise', reason: 'event 0 is not JSON' });
    expect(Buffer.from(letter?.record.bytes ?? []).toString()).toBe(body);
    expect(await bridge.stored('os1')).toEqual([]);
  });

  it('leaves no trace of what is not rightly signed', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    const body = '{"eventType":"Created","service":"Entity"}';
    for (const headers of [{}, await sign(body, 'another'), { 'x-os1-signature': 'ab' }]) {
      expect((await post(bridge.url('/hooks/os1'), body, headers)).status).toBe(401);
    }
    expect(await bridge.stored('os1')).toEqual([]);
    expect(await bridge.operations.deadLetters({ limit: 10 })).toEqual([]);
  });

  it('answers 415 to a form where JSON is asked for', { timeout }, async () => {
    await using bridge = await startHookedBridge({ pipelines });
    const body = 'a=1';
    const headers = { ...(await sign(body)), 'content-type': 'multipart/form-data; boundary=x' };
    expect((await post(bridge.url('/hooks/os1'), body, headers)).status).toBe(415);
  });
});
