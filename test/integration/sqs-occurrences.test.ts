import { expect, test } from 'vitest';
import type { Batch } from '../../src/core/batch.ts';
import type { Sink } from '../../src/core/sink.ts';
import { drainSource } from '../../src/pipeline/drain-source.ts';
import { publishing } from '../../src/pipeline/handling.ts';
import { createInFlight } from '../../src/pipeline/in-flight.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import { sampleBatch } from '../support/sample-events.ts';
import { createSampleFeed } from '../support/sample-feed.ts';
import { givingRegardless, scriptedSource } from '../support/scripted-source.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { standBefore } from '../support/sqs/interfering.ts';
import { createQueue, drainQueue } from '../support/sqs/protocol.ts';
import { openSink, uniqueName } from '../support/sqs/sink-calls.ts';

const never = new AbortController().signal;
const suite = await ownSqsSuite();

/** Drains a feed, whose ids name states unless told, into the sink. */
async function drain(sink: Sink, batches: readonly Batch[], ids: 'event' | 'state' = 'state') {
  const { context, recorder } = createSampleFeed();
  await using publisher = createLanesPublisher(sink, recorder.report, { baseMs: 1, capMs: 2, jitter: 'full' });
  const destinations = [{ name: undefined, identity: 'sqs', publisher }];
  const source = scriptedSource('in-order', () => givingRegardless(batches));
  const inFlight = createInFlight({ batches: 10, bytes: 10_000 });
  await drainSource(source, publishing({ ...context, ids, destinations }), inFlight, { stop: never, abort: never });
  return recorder;
}

suite('a FIFO queue, which drops what it has seen', ({ endpoint }) => {
  async function queue() {
    const name = `${uniqueName('states')}.fifo`;
    const url = await createQueue(endpoint, name);
    const stored = async () => (await drainQueue(endpoint, url)).map(({ body }) => JSON.parse(body).id);
    return { name, stored };
  }

  test('has a state twice that was reached twice, in two batches or in one', async () => {
    const { name, stored } = await queue();
    const batches = [sampleBatch('1', ['done', 'undone', 'done']), sampleBatch('2', ['done'])];
    await drain(await openSink(endpoint, name), batches);
    expect(await stored()).toEqual(['done', 'undone', 'done', 'done']);
  });

  test('has a state once whose batch was given again', async () => {
    const { name, stored } = await queue();
    await drain(await openSink(endpoint, name), [sampleBatch('1', ['done'])]);
    await drain(await openSink(endpoint, name), [sampleBatch('1', ['done'])]);
    expect(await stored()).toEqual(['done']);
  });

  test('has a state once whose confirm was lost, so that it was sent again', async () => {
    const { name, stored } = await queue();
    await using front = await standBefore(endpoint, ({ operation, earlier }) =>
      operation === 'SendMessageBatch' && earlier === 0 ? { kind: 'cut', served: true } : undefined,
    );
    const recorder = await drain(await openSink(front.endpoint, name), [sampleBatch('1', ['done'])]);
    expect(recorder.of('attempt.failed')).toHaveLength(1);
    expect(await stored()).toEqual(['done']);
  });

  test('has an event once whose id names it, also when it comes in another batch', async () => {
    const { name, stored } = await queue();
    await drain(await openSink(endpoint, name), [sampleBatch('1', ['made']), sampleBatch('2', ['made'])], 'event');
    expect(await stored()).toEqual(['made']);
  });
});
