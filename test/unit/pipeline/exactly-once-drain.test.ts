import { describe, expect, it } from 'vitest';
import type { BridgeError } from '../../../src/core/errors.ts';
import { drainSource } from '../../../src/pipeline/drain-source.ts';
import { exactlyOnce } from '../../../src/pipeline/exactly-once.ts';
import { createFeedRunner } from '../../../src/pipeline/feed-runner.ts';
import { publishing } from '../../../src/pipeline/handling.ts';
import { createInFlight } from '../../../src/pipeline/in-flight.ts';
import { createTransactionalBroker, type TransactionalBroker } from '../../support/fake-transactions.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';
import { giving, scriptedSource } from '../../support/scripted-source.ts';

const works = async () => void (await new Promise(setImmediate));
const quick = { baseMs: 1, capMs: 1, jitter: 'full' } as const;

/** Batches 0, 1, 2, …, each of one event, from a source that waits for no ack. What happens is written to the broker's calls. */
function setUp(broker: TransactionalBroker, count: number) {
  const feed = createSampleFeed();
  const { calls } = broker;
  const carrier = exactlyOnce({ ...feed.context, sink: broker.open(), backoff: quick });
  const batches = Array.from({ length: count }, (_, at) => sampleBatch(`${at}`, [`${at}`], works, calls));
  const source = scriptedSource('in-order', (stop) => {
    calls.push('ask');
    return giving(batches, stop);
  });
  return { ...feed, context: { ...feed.context, carrier }, source };
}

describe('draining a source exactly once', () => {
  it('asks it only after others are fenced, and takes a batch only after the one before it is acked', async () => {
    const broker = createTransactionalBroker();
    const { context, source, recorder } = setUp(broker, 3);
    const [stop, abort] = [new AbortController(), new AbortController()];
    const signals = { stop: stop.signal, abort: abort.signal };
    const drained = drainSource(source, publishing(context), createInFlight({ batches: 10, bytes: 10_000 }), signals);
    await recorder.seen('batch.completed', 3);
    stop.abort();
    await drained;
    expect(broker.calls).toEqual([
      'open',
      'ask',
      ...[0, 1, 2].flatMap((id) => [`publish ${id}: committed`, `ack ${id}`]),
    ]);
  });

  it('asks nothing, and says so, while somebody else cannot be fenced', async () => {
    const broker = createTransactionalBroker();
    const { context, source } = setUp(broker, 1);
    broker.refusals.push('BROKER_TIMEOUT', 'BROKER_NOT_AUTHORISED');
    const signals = { stop: new AbortController().signal, abort: new AbortController().signal };
    const code = await drainSource(
      source,
      publishing(context),
      createInFlight({ batches: 10, bytes: 10_000 }),
      signals,
    ).then(
      () => 'drained',
      (error: BridgeError) => error.code,
    );
    expect(code).toBe('BROKER_NOT_AUTHORISED');
    expect(broker.calls).toEqual(['open: BROKER_TIMEOUT', 'open: BROKER_NOT_AUTHORISED']);
  });

  it('is stopped while the broker is away without being halted', async () => {
    const broker = createTransactionalBroker();
    const { context, source, recorder } = setUp(broker, 1);
    broker.refusals.push(...Array<'BROKER_UNREACHABLE'>(1_000).fill('BROKER_UNREACHABLE'));
    const runner = createFeedRunner({ context, openSource: () => source });
    runner.resume();
    await recorder.seen('attempt.failed', 2);
    expect(await runner.stop(1_000)).toEqual({ drained: true });
    expect(recorder.of('feed.halted')).toEqual([]);
    expect(broker.calls).not.toContain('ask');
  });

  it('finishes the transaction under way when it is stopped, and gives the feed up to others', async () => {
    const broker = createTransactionalBroker();
    const { context, source } = setUp(broker, 2);
    const runner = createFeedRunner({ context, openSource: () => source });
    let stopped: Promise<unknown> | undefined;
    broker.fate = () => {
      stopped ??= runner.stop(1_000);
      return 'commit';
    };
    runner.resume();
    await expect.poll(() => stopped).toBeDefined();
    expect(await stopped).toEqual({ drained: true });
    expect(broker.calls).toEqual(['open', 'ask', 'publish 0: committed', 'ack 0']);
    // Given up, it may be opened again without being told of the other one.
    const other = setUp(broker, 0);
    await other.context.carrier.open(new AbortController().signal);
    await context.carrier.open(new AbortController().signal);
  });
});
