import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Sink } from '../../../src/core/sink.ts';
import type { Answer } from '../../../src/sinks/sqs/client.ts';
import { sqsBroker, sqsDestination } from '../../../src/sinks/sqs/config.ts';
import { openSqsSink } from '../../../src/sinks/sqs/sqs-sink.ts';
import { fakeClient, stored, takeAll } from './fake-client.ts';

const never = new AbortController().signal;

function open(client: ReturnType<typeof fakeClient>['client'], queue: string, confirmTimeout = '10s'): Sink {
  const broker = sqsBroker.parse({ type: 'sqs', region: 'eu-central-1', confirmTimeout });
  const destination = sqsDestination.parse({ broker: 'aws', queue });
  return openSqsSink(broker, destination, { pipeline: 'test', brokerName: 'aws', baseDir: '/' }, client);
}

function event(id: string, key: string, data = '1'): Envelope {
  const type = 'com.example.tested';
  return createEnvelope(
    { specversion: '1.0', id, source: '/test', type, datacontenttype: 'application/json', partitionkey: key },
    { kind: 'json', bytes: Buffer.from(data) },
  );
}

const publish = (sink: Sink, envelopes: readonly Envelope[], signal = never) =>
  sink.publish(
    envelopes.map((envelope) => sink.route(envelope, 'test/feed')),
    signal,
  );

const refused = (code: 'BROKER_UNAVAILABLE' | 'EVENT_REFUSED'): Answer => ({
  status: 'refused',
  error: new BridgeError(code, 'refused'),
});
const lost: Answer = { status: 'unknown', error: new BridgeError('BROKER_UNREACHABLE', 'cut') };

test('whatever SQS answers, a message of a group is sent only when all before it are taken or poison', async () => {
  const answers = fc.constantFrom(
    stored,
    stored,
    stored,
    refused('BROKER_UNAVAILABLE'),
    refused('EVENT_REFUSED'),
    lost,
  );
  const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(keys, fc.infiniteStream(answers), async (lanes, next) => {
      const closed = new Set<string>();
      const sent = new Map<string, Answer>();
      const envelopes = lanes.map((key, at) => event(String(at), key));
      const { client, requests } = fakeClient((messages) => {
        const each = messages.map(({ body, order }) => {
          const id: string = JSON.parse(body).id;
          const before = lanes.slice(0, Number(id)).flatMap((key, at) => (key === order?.group ? String(at) : []));
          expect(before.filter((earlier) => !closed.has(earlier))).toEqual([]);
          const answer = next.next().value ?? stored;
          sent.set(id, answer);
          return { id, answer };
        });
        for (const { id, answer } of each) {
          if (answer.status === 'stored' || answer.error.disposition === 'poison') closed.add(id);
        }
        return { each: each.map(({ answer }) => answer) };
      });
      const deliveries = await publish(open(client, 'q.fifo'), envelopes);
      for (const { messages } of requests) {
        expect(messages.length).toBeLessThanOrEqual(10);
        expect(new Set(messages.map(({ order }) => order?.group)).size).toBe(messages.length);
      }
      deliveries.forEach((delivery, at) => {
        const answer = sent.get(String(at));
        const expected =
          answer === undefined
            ? 'failed'
            : { stored: 'confirmed', refused: 'failed', unknown: 'unknown' }[answer.status];
        expect(delivery.status).toBe(expected);
      });
    }),
    { numRuns: 300 },
  );
});

test('requests hold ten messages at most, and no more bytes than SQS takes', async () => {
  const { client, requests } = fakeClient();
  const sizes = [...Array.from({ length: 25 }, () => 10), 500_000, 500_000, 500_000, 900_000];
  const items = sizes.map((size, at) => event(String(at), 'key', JSON.stringify('x'.repeat(size))));
  const deliveries = await publish(open(client, 'q'), items);
  expect(deliveries.filter(({ status }) => status !== 'confirmed')).toEqual([]);
  for (const { messages } of requests) {
    expect(messages.length).toBeLessThanOrEqual(10);
    expect(messages.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(1_048_576);
  }
  expect(requests).toHaveLength(5);
});

test('messages of a standard queue wait for no other', async () => {
  const { client, requests, mostOpen } = fakeClient();
  await publish(
    open(client, 'q'),
    Array.from({ length: 30 }, (_, at) => event(String(at), 'key')),
  );
  expect([requests.length, mostOpen()]).toEqual([3, 3]);
});

test('a request that is refused as a whole for an event is divided until that stands alone', async () => {
  const { client } = fakeClient((messages) =>
    messages.some(({ body }) => JSON.parse(body).id === '4')
      ? { whole: { status: 'refused', error: new BridgeError('EVENT_REFUSED', 'odd') } }
      : takeAll(messages),
  );
  const deliveries = await publish(
    open(client, 'q'),
    Array.from({ length: 7 }, (_, at) => event(String(at), 'key')),
  );
  expect(deliveries.map(({ status }) => status)).toEqual(
    [0, 1, 2, 3, 4, 5, 6].map((at) => (at === 4 ? 'failed' : 'confirmed')),
  );
  expect(deliveries[4]).toMatchObject({ error: { code: 'EVENT_REFUSED', message: 'event 4: odd' } });
});

test('one queue in trouble does not keep another from being published to', async () => {
  const hanging: typeof takeAll = takeAll;
  const { client } = fakeClient(hanging);
  const stuck = {
    ...client,
    send: (...call: Parameters<typeof client.send>) =>
      call[0].name === 'q-a' ? untilAborted(call[2]) : client.send(...call),
  };
  const sink = open(stuck, 'q-{subject}', '200ms');
  const items = ['a', 'b'].map((subject) =>
    createEnvelope({ ...event(subject, 'key').attributes, subject }, { kind: 'json', bytes: Buffer.from('1') }),
  );
  expect((await publish(sink, items)).map(({ status }) => status)).toEqual(['unknown', 'confirmed']);
});

async function untilAborted(signal: AbortSignal) {
  await new Promise((resolve) => signal.addEventListener('abort', resolve));
  return { whole: { status: 'unknown', error: signal.reason as BridgeError } } as const;
}

test('a group that SQS answers too slowly for keeps what is left for the next call', async () => {
  let time = 0;
  const { client, requests } = fakeClient();
  const slow = {
    ...client,
    async send(...call: Parameters<typeof client.send>) {
      time += 60;
      return client.send(...call);
    },
  };
  const now = performance.now;
  performance.now = () => time;
  try {
    const deliveries = await publish(
      open(slow, 'q.fifo', '200ms'),
      ['1', '2', '3', '4'].map((id) => event(id, 'key')),
    );
    expect(deliveries.map(({ status }) => status)).toEqual(['confirmed', 'confirmed', 'failed', 'failed']);
    expect(deliveries[2]).toMatchObject({ error: { code: 'NOT_SENT' } });
    expect(requests).toHaveLength(2);
  } finally {
    performance.now = now;
  }
});
