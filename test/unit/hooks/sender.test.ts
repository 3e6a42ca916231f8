import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { sessionDelivery } from '../../../connectors/async-session/simulator/bodies.ts';
import { fenergoDelivery } from '../../../connectors/fenergo/simulator/bodies.ts';
import { os1Delivery } from '../../../connectors/os1/simulator/bodies.ts';
import { billingDelivery, inArrays } from '../../../connectors/webhook/simulator/bodies.ts';
import type { MakeDelivery } from '../../../connectors/webhook/simulator/options.ts';
import { startSender } from '../../../connectors/webhook/simulator/sender.ts';
import { forged, type SignatureName, signatures } from '../../../connectors/webhook/simulator/sign.ts';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { verifierAt, wordFor } from '../verify/support.ts';

interface Seen {
  readonly body: string;
  readonly at: number;
}

/** Answers each request by what it was asked before. */
async function openUpstream(answer: (body: string, times: number) => { status: number; retryAfter?: string }) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const body = Buffer.concat(chunks).toString();
    const { status, retryAfter } = answer(body, seen.filter((one) => one.body === body).length);
    seen.push({ body, at: performance.now() });
    response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end('{}');
  });
  const opened = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', opened.resolve);
  await opened.promise;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const retry = { firstMs: 5, mostMs: 20, attempts: 5 };
const sign = signatures.none();

describe('a simulated sender', () => {
  it('sends again what was not answered with success, and says so in its ledger', async () => {
    await using upstream = await openUpstream((_, times) => ({ status: times < 2 ? 503 : 202 }));
    await using sender = startSender({ url: upstream.url, make: os1Delivery, sign, deliveries: 20, retry });
    await sender.done;
    expect(sender.stats()).toEqual({ deliveries: 20, safe: 20, givenUp: 0, statuses: { 202: 20, 503: 40 } });
    for (const { attempts, safe } of sender.ledger()) {
      expect(attempts.map(({ status }) => status)).toEqual([503, 503, 202]);
      expect(safe).toEqual(attempts[2]?.answered);
    }
  });

  it('gives up at last', async () => {
    await using upstream = await openUpstream(() => ({ status: 500 }));
    await using sender = startSender({ url: upstream.url, make: os1Delivery, sign, deliveries: 2, retry });
    await sender.done;
    expect(sender.stats()).toEqual({ deliveries: 2, safe: 0, givenUp: 2, statuses: { 500: 10 } });
  });

  it('waits as long as it is asked to', async () => {
    await using upstream = await openUpstream((_, times) => ({ status: times === 0 ? 503 : 200, retryAfter: '1' }));
    const patient = { ...retry, mostMs: 300 };
    await using sender = startSender({ url: upstream.url, make: os1Delivery, sign, deliveries: 1, retry: patient });
    await sender.done;
    const [first, second] = upstream.seen;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(250);
  });

  it('sends one of a lane after the other', async () => {
    await using upstream = await openUpstream((_, times) => ({ status: times === 0 ? 503 : 200 }));
    await using sender = startSender({ url: upstream.url, make: sessionDelivery, sign, deliveries: 60, retry });
    await sender.done;
    for (const lane of Map.groupBy(sender.ledger(), (entry) => entry.lane).values()) {
      const moments = lane.flatMap(({ attempts }) =>
        attempts.flatMap(({ sent, answered }) => [sent.order, answered.order]),
      );
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
    }
  });

  it('breaks off at once when it is stopped', async () => {
    await using upstream = await openUpstream(() => ({ status: 500 }));
    const endless = { firstMs: 60_000, mostMs: 60_000, attempts: 9 };
    await using sender = startSender({ url: upstream.url, make: os1Delivery, sign, deliveries: 50, retry: endless });
    await expect.poll(() => upstream.seen.length).toBeGreaterThan(0);
    sender.stop();
    await sender.done;
    expect(sender.stats().safe).toBe(0);
  });

  it.each([
    ['os1', os1Delivery],
    ['async-session', sessionDelivery],
    ['webhook', billingDelivery],
    ['fenergo', fenergoDelivery],
    ['arrays', inArrays(billingDelivery, 0.5)],
  ] as readonly (readonly [string, MakeDelivery])[])('makes the same of the same seed: %s', (_, make) => {
    const made = Array.from({ length: 300 }, (_, number) => make(number, 7));
    expect(made).toEqual(Array.from({ length: 300 }, (_, number) => make(number, 7)));
    const marks = made.flatMap((delivery) => delivery.marks);
    expect(new Set(marks).size).toBe(marks.length);
    for (const { body, marks } of made) for (const mark of marks) expect(body.toString().split(mark)).toHaveLength(2);
    expect(make(3, 8).body).not.toEqual(make(3, 7).body);
  });
});

const keys: Readonly<Partial<Record<SignatureName, string>>> = {
  'standard-webhooks': `whsec_${Buffer.from('twenty-four bytes of key').toString('base64')}`,
};

describe('a simulated signature', () => {
  const at = 1_700_000_000;
  const names = ['os1', 'github', 'fenergo', 'stripe', 'slack', 'standard-webhooks', 'bearer'] as const;

  it.each(names)('%s is what `verify` expects, and a forged one is not', (name) => {
    const key = keys[name] ?? 'a-simulated-key';
    const settings = name === 'bearer' ? { bearer: [key] } : { preset: name, keys: [key] };
    const body = Buffer.from('{"a":"ü"}');
    const unsigned = { body, id: 'msg-1', at };
    const word = (headers: Readonly<Record<string, string>>): string =>
      wordFor(verifierAt(at, settings).verify(receivedRequest({ headers, body })));
    expect(word(signatures[name](key)(unsigned))).toBe('verified');
    expect(word(forged(signatures[name](key))(unsigned))).toMatch(/^401 (?:SIGNATURE|CREDENTIALS)_WRONG$/);
  });
});
