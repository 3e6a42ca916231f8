import { describe, expect, it } from 'vitest';
import type { OnPoison } from '../../../src/core/on-poison.ts';
import { exactlyOnce } from '../../../src/pipeline/exactly-once.ts';
import { type FeedContext, settle, type Turn } from '../../../src/pipeline/settle.ts';
import { createTransactionalBroker, type TransactionalBroker } from '../../support/fake-transactions.ts';
import { withParking } from '../../support/parking-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};
const quick = { baseMs: 1, capMs: 1, jitter: 'full' } as const;

function createBridge(broker: TransactionalBroker, onPoison: OnPoison) {
  const feed = withParking(createSampleFeed(), onPoison);
  const carrier = exactlyOnce({ ...feed.context, sink: broker.open(), backoff: quick });
  const context: FeedContext = { ...feed.context, carrier };
  return {
    ...feed,
    bodies: () => feed.state.letters.map(({ record }) => Buffer.from(record.bytes).toString()),
    settle: (id: string, records: readonly string[]) =>
      settle(sampleBatch(id, records, works, feed.calls), context, atOnce, signal),
  };
}

describe('under park-key, an exactly-once feed', () => {
  it('sets aside what follows a refused event with its key before it commits the rest', async () => {
    const broker = createTransactionalBroker();
    broker.poison.add('2');
    const bridge = createBridge(broker, 'park-key');
    await bridge.settle('7', ['1@a', '2@a', '3@b', '4@a']);
    expect(broker.committed).toEqual(['1', '3']);
    expect(bridge.bodies()).toEqual(['2@a', '4@a']);
    expect(bridge.calls.filter((call) => /add|ack/.test(call))).toEqual(['deadLetters.add', 'ack 7']);
  });

  it('parks in later batches too', async () => {
    const broker = createTransactionalBroker();
    broker.poison.add('1');
    const bridge = createBridge(broker, 'park-key');
    await bridge.settle('7', ['1@a']);
    await bridge.settle('8', ['2@a', '3@b', '4@a']);
    expect(broker.committed).toEqual(['3']);
    expect(bridge.bodies()).toEqual(['1@a', '2@a', '4@a']);
  });

  it('parks behind an event that has no destination', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker, 'park-key');
    await bridge.settle('7', ['1@a', 'unroutable2@a', '3@a']);
    expect(broker.committed).toEqual(['1']);
    expect(bridge.bodies()).toEqual(['unroutable2@a', '3@a']);
  });
});

it('under stop, an exactly-once feed commits and acks nothing of a batch with poison', async () => {
  const broker = createTransactionalBroker();
  broker.poison.add('2');
  const bridge = createBridge(broker, 'stop');
  await expect(bridge.settle('7', ['1@a', '2@a'])).rejects.toMatchObject({ code: 'POISON_STOPPED' });
  expect(broker.committed).toEqual([]);
  expect(bridge.state.letters).toEqual([]);
  expect(bridge.calls.at(-1)).toBe('nack 7 POISON_STOPPED');
});
