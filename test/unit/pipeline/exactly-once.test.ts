import { describe, expect, it } from 'vitest';
import type { BridgeError } from '../../../src/core/errors.ts';
import { exactlyOnce } from '../../../src/pipeline/exactly-once.ts';
import { type FeedContext, settle, type Turn } from '../../../src/pipeline/settle.ts';
import { createTransactionalBroker, type Fate, type TransactionalBroker } from '../../support/fake-transactions.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};
const quick = { baseMs: 1, capMs: 1, jitter: 'full' } as const;

/** A bridge of its own at the broker. */
function createBridge(broker: TransactionalBroker) {
  const feed = createSampleFeed();
  const { context } = feed;
  const carrier = exactlyOnce({ ...context, sink: broker.open(), backoff: quick });
  const carried: FeedContext = { ...context, carrier };
  return {
    ...feed,
    carrier,
    settle: (id: string, records: readonly string[], calls?: string[]) =>
      settle(sampleBatch(id, records, works, calls), carried, atOnce, signal),
  };
}

function fates(...given: readonly Fate[]): () => Fate {
  const left = [...given];
  return () => left.shift() ?? 'commit';
}

describe('a batch of an exactly-once feed', () => {
  it('is committed with its mark, entered in the ledger, and acked', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    await bridge.settle('7', ['1', '-unwanted', '2'], bridge.calls);
    expect(broker.committed).toEqual(['1', '2']);
    expect(broker.mark).toMatch(/^batch [0-9a-f]{64} 7$/);
    expect(bridge.calls).toEqual(['ledger.find', 'ledger.enter', 'ack 7', 'ledger.complete']);
    expect(bridge.recorder.of('batch.confirmed')).toMatchObject([{ events: 2, whereabouts: 'topic/0 @ 0-1' }]);
  });

  it('is known by its mark after a crash, whatever became of the ledger, and only acked', async () => {
    const broker = createTransactionalBroker();
    await createBridge(broker).settle('7', ['1']);
    const next = createBridge(broker);
    await next.settle('7', ['1'], next.calls);
    expect(broker.committed).toEqual(['1']);
    expect(next.calls).toEqual(['ack 7', 'ledger.complete']);
    expect(next.recorder.of('batch.recognised')).toMatchObject([{ batchId: '7' }]);
  });

  it('is known by the ledger when it was published before there were marks', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    await bridge.settle('7', ['1']);
    await bridge.settle('8', ['2']);
    await bridge.settle('7', ['1']);
    expect(broker.committed).toEqual(['1', '2']);
  });

  it('is another one when its content differs, though its name is the same', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    await bridge.settle('7', ['1']);
    await bridge.settle('7', ['2']);
    expect(broker.committed).toEqual(['1', '2']);
  });

  it.each<readonly [Fate, string]>([
    ['lost', 'known by its mark'],
    ['dropped', 'topic/0 @ 0-1'],
    ['BROKER_UNAVAILABLE', 'topic/0 @ 0-1'],
    ['PRODUCER_FENCED', 'topic/0 @ 0-1'],
  ])('whose transaction is %s is in the broker once, and acked', async (fate, whereabouts) => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    broker.fate = fates(fate);
    await bridge.settle('7', ['1', '2']);
    expect(broker.committed).toEqual(['1', '2']);
    expect(bridge.recorder.of('batch.confirmed')).toMatchObject([{ events: 2, whereabouts }]);
    expect(bridge.recorder.of('batch.completed')).toHaveLength(1);
  });

  it('waits for a broker that is away, and says so', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    broker.refusals.push('BROKER_UNREACHABLE', 'BROKER_TIMEOUT');
    await bridge.carrier.open(signal);
    expect(bridge.recorder.of('attempt.failed')).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
    await bridge.settle('7', ['1']);
    expect(broker.committed).toEqual(['1']);
  });

  it('is given back on a fatal error, and nothing of it is there', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    broker.fate = fates('BROKER_NOT_AUTHORISED');
    const calls: string[] = [];
    await expect(bridge.settle('7', ['1'], calls)).rejects.toMatchObject({ code: 'BROKER_NOT_AUTHORISED' });
    expect(calls).toEqual(['nack 7 BROKER_NOT_AUTHORISED']);
    await bridge.carrier.open(signal);
    await bridge.settle('7', ['1']);
    expect(broker.committed).toEqual(['1']);
  });
});

describe('poison in an exactly-once feed', () => {
  it('is set aside before the mark is written, so that no crash can lose it', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    broker.poison.add('3');
    broker.fate = () => {
      bridge.calls.push('commit');
      return 'commit';
    };
    await bridge.settle('7', ['1', '!bad', '2', '3', 'unroutable', '4']);
    expect(broker.committed).toEqual(['1', '2', '4']);
    expect(bridge.calls.filter((call) => /deadLetters|commit/.test(call))).toEqual([
      'deadLetters.add',
      'deadLetters.add',
      'deadLetters.add',
      'commit',
    ]);
    expect(bridge.state.letters.map(({ code, index }) => [index, code])).toEqual([
      [1, 'RECORD_MALFORMED'],
      [4, 'EVENT_UNROUTABLE'],
      [3, 'EVENT_REFUSED'],
    ]);
    expect(bridge.recorder.of('batch.confirmed')).toMatchObject([{ events: 3, poison: 3 }]);
  });

  it('and nothing else is acked without a transaction', async () => {
    const broker = createTransactionalBroker();
    const bridge = createBridge(broker);
    await bridge.settle('7', ['!bad', '-unwanted']);
    expect(broker.calls).toEqual(['open']);
    expect(bridge.recorder.of('batch.completed')).toHaveLength(1);
  });
});

describe('a bridge that was shut out', () => {
  it('gives its batch back and writes nothing, though it may open again later', async () => {
    const broker = createTransactionalBroker();
    const zombie = createBridge(broker);
    await zombie.settle('7', ['1']);
    const young = createBridge(broker);
    await young.settle('8', ['2']);
    const error: BridgeError = await zombie.settle('8', ['2']).then(
      () => expect.unreachable(),
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'PRODUCER_FENCED' });
    expect(broker.committed).toEqual(['1', '2']);
    await young.settle('9', ['3']);
    await zombie.carrier.open(signal);
    await zombie.settle('9', ['3']);
    expect(broker.committed).toEqual(['1', '2', '3']);
  });
});
