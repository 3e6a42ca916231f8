import { describe, expect, test } from 'vitest';
import { createEnvelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Delivery, Routed } from '../../../src/core/sink.ts';
import { publish } from '../../../src/sinks/kafka/publish.ts';
import { createFakeClient, tooLarge } from './fake-client.ts';

const never = new AbortController().signal;

/** In binary mode the value is the data, so that sends read as what was put in. */
function item(data: string, { topic = 'orders', key = 'k' } = {}): Routed {
  const envelope = createEnvelope(
    { specversion: '1.0', id: data, source: '/s', type: 't', datacontenttype: 'text/plain', partitionkey: key },
    { kind: 'binary', bytes: Buffer.from(data) },
  );
  return { envelope, destination: topic, address: { topic, key }, lane: `${topic}/${key}`, bytes: data.length };
}

function summary(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) =>
    delivery.status === 'confirmed' ? `@${delivery.receipt['offset']}` : `${delivery.status} ${delivery.error.code}`,
  );
}

describe('a call', () => {
  test('is one send, and every event gets its own offset', async () => {
    const client = createFakeClient({ orders: 1, bills: 1 });
    await publish(client, 'binary', [item('before')], never);
    const items = [item('a'), item('x', { topic: 'bills' }), item('b'), item('c')];
    const deliveries = await publish(client, 'binary', items, never);
    expect(client.sends).toHaveLength(2);
    expect(deliveries).toEqual([
      { status: 'confirmed', receipt: { topic: 'orders', partition: 0, offset: 1 } },
      { status: 'confirmed', receipt: { topic: 'bills', partition: 0, offset: 0 } },
      { status: 'confirmed', receipt: { topic: 'orders', partition: 0, offset: 2 } },
      { status: 'confirmed', receipt: { topic: 'orders', partition: 0, offset: 3 } },
    ]);
  });

  test('sends nothing when it is empty', async () => {
    const client = createFakeClient({ orders: 1 });
    expect(await publish(client, 'binary', [], never)).toEqual([]);
    expect(client.sends).toEqual([]);
  });

  test('fails what is not sent when the broker cannot be asked', async () => {
    const client = createFakeClient({ orders: 1 });
    client.partitions = async () => new BridgeError('BROKER_UNREACHABLE', 'refused');
    expect(summary(await publish(client, 'binary', [item('a')], never))).toEqual(['failed BROKER_UNREACHABLE']);
    expect(client.sends).toEqual([]);
  });

  test('calls an event without an answer unknown', async () => {
    const client = createFakeClient({ orders: 1 });
    client.send = async () => new Map();
    expect(summary(await publish(client, 'binary', [item('a')], never))).toEqual(['unknown BROKER_UNAVAILABLE']);
  });
});

describe('one bad topic', () => {
  test('that is missing is asked for again, then fails its own events only', async () => {
    const client = createFakeClient({ orders: 1 });
    const items = [item('a'), item('x', { topic: 'gone' }), item('b')];
    expect(summary(await publish(client, 'binary', items, never))).toEqual(['@0', 'failed DESTINATION_MISSING', '@1']);
    expect(client.asked).toEqual([['orders', 'gone'], ['gone']]);
  });

  test('that appears in the meantime is published to', async () => {
    const topics: Record<string, number> = {};
    const client = createFakeClient(topics);
    const asking = client.partitions;
    client.partitions = (names, signal) => {
      const answer = asking(names, signal);
      topics['late'] = 1;
      return answer;
    };
    const items = [item('a', { topic: 'late' }), item('b', { topic: 'late' })];
    expect(summary(await publish(client, 'binary', items, never))).toEqual(['@0', '@1']);
  });

  test('that is forbidden fails its own events only', async () => {
    const client = createFakeClient({ orders: 1, secret: new BridgeError('BROKER_NOT_AUTHORISED', 'no') });
    const items = [item('a', { topic: 'secret' }), item('b')];
    expect(summary(await publish(client, 'binary', items, never))).toEqual(['failed BROKER_NOT_AUTHORISED', '@0']);
  });

  test('whose leader is away leaves its own events unknown only', async () => {
    const client = createFakeClient({ orders: 1, slow: 1 });
    const error = new BridgeError('BROKER_UNAVAILABLE', 'NOT_LEADER_OR_FOLLOWER');
    client.answer = (partition) => (partition === 'slow/0' ? { status: 'unknown', error } : undefined);
    const items = [item('a', { topic: 'slow' }), item('b'), item('c', { topic: 'slow' })];
    expect(summary(await publish(client, 'binary', items, never))).toEqual([
      'unknown BROKER_UNAVAILABLE',
      '@0',
      'unknown BROKER_UNAVAILABLE',
    ]);
  });
});

describe('a send refused for size', () => {
  test('is halved until all legal events are through', async () => {
    const client = createFakeClient({ orders: 1 });
    client.answer = (partition, records) => (records.length > 2 ? tooLarge(partition) : undefined);
    const deliveries = await publish(client, 'binary', ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(item0), never);
    expect(summary(deliveries)).toEqual(['@0', '@1', '@2', '@3', '@4', '@5', '@6']);
    expect(client.log.get('orders/0')).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  });

  test('makes poison of what is refused alone, and of nothing else', async () => {
    const client = createFakeClient({ orders: 1 });
    client.answer = (partition, records) => (records.some(isBig) ? tooLarge(partition) : undefined);
    const deliveries = await publish(client, 'binary', ['a', 'b', 'BIG', 'c', 'BIG', 'd'].map(item0), never);
    expect(summary(deliveries)).toEqual(['@0', '@1', 'failed EVENT_TOO_LARGE', '@2', 'failed EVENT_TOO_LARGE', '@3']);
    expect(client.log.get('orders/0')).toEqual(['a', 'b', 'c', 'd']);
    expect(deliveries[2]).toMatchObject({ error: { message: expect.stringContaining('event BIG of 3 bytes') } });
  });

  test('does not touch other partitions again', async () => {
    const client = createFakeClient({ orders: 1, bills: 1 });
    client.answer = (partition, records) => (records.some(isBig) ? tooLarge(partition) : undefined);
    const items = [item('x', { topic: 'bills' }), item('a'), item('BIG'), item('y', { topic: 'bills' })];
    expect(summary(await publish(client, 'binary', items, never))).toEqual([
      '@0',
      '@0',
      'failed EVENT_TOO_LARGE',
      '@1',
    ]);
    expect(client.log.get('bills/0')).toEqual(['x', 'y']);
  });

  test('holds back what follows a half that is not confirmed', async () => {
    const client = createFakeClient({ orders: 1 });
    const error = new BridgeError('BROKER_TIMEOUT', 'late');
    client.answer = (partition, records) =>
      records.length > 2 ? tooLarge(partition) : records.some(isBig) ? { status: 'unknown', error } : undefined;
    const deliveries = await publish(client, 'binary', ['BIG', 'a', 'b', 'c'].map(item0), never);
    expect(summary(deliveries)).toEqual([
      'unknown BROKER_TIMEOUT',
      'unknown BROKER_TIMEOUT',
      'failed NOT_SENT',
      'failed NOT_SENT',
    ]);
    expect(client.log.size).toBe(0);
  });
});

describe('an abort', () => {
  test('fails what is not yet sent with its reason', async () => {
    const client = createFakeClient({ orders: 1 });
    const controller = new AbortController();
    client.answer = (partition) => {
      controller.abort(new BridgeError('STOPPING', 'stop'));
      return tooLarge(partition);
    };
    const deliveries = await publish(client, 'binary', ['a', 'b'].map(item0), controller.signal);
    expect(summary(deliveries)).toEqual(['failed STOPPING', 'failed NOT_SENT']);
    expect(client.sends).toHaveLength(1);
  });
});

const item0 = (data: string) => item(data);
const isBig = ({ value }: { value: Buffer }) => value.toString() === 'BIG';
