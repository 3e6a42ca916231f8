import { afterEach, beforeEach, expect, it } from 'vitest';
import { gini } from '../../../connectors/gini/index.ts';
import type { Batch } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Source } from '../../../src/core/source.ts';
import type { StreamClient } from '../../../src/core/stream.ts';
import { createSseSource } from '../../../src/sources/sse/sse-source.ts';
import { createMemoryState } from '../../support/memory-state.ts';

const full = new BridgeError('SPOOL_FULL', 'the spool is full');

let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

/** A stream without ids that tells these on its first connections, one each, and nothing again. */
function streamOf(told: readonly string[]): Source {
  const left = [...told];
  const client: StreamClient = {
    async open(_lastEventId, signal) {
      const closed = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      async function* chunks() {
        const next = left.shift();
        if (next !== undefined) yield Buffer.from(`data: ${next}\n\n`);
        await closed;
      }
      return {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        chunks: chunks(),
        head: () => Promise.reject(new Error('it is a stream')),
        abort() {},
      };
    },
    renew: () => false,
    async [Symbol.asyncDispose]() {},
  };
  const [feed] = gini.feeds(gini.config.parse({ connector: 'gini', account: 'acme' }));
  if (feed?.arrival.kind !== 'sse') throw new Error('it is no stream');
  return createSseSource({
    feed: 'gini/documents',
    arrival: feed.arrival,
    client,
    cursors: createMemoryState().cursors,
    tellGap: async () => {},
    report: () => {},
  });
}

async function next(
  batches: AsyncIterator<Batch>,
): Promise<{ readonly batch: Batch; readonly data: readonly string[] }> {
  const { value, done } = await batches.next();
  if (done === true) throw new Error('there is nothing more');
  const batch = value as Batch;
  return { batch, data: batch.records.map(({ bytes }) => Buffer.from(bytes).toString()) };
}

it('what is given back is given again, before what comes later, since its upstream tells it no more', async () => {
  const source = streamOf(['one', 'two']);
  const first = source.batches(stop.signal)[Symbol.asyncIterator]();
  const given = await next(first);
  expect(given.data).toEqual(['one']);
  await given.batch.nack(full);
  expect(await first.next()).toMatchObject({ done: true });

  const second = source.batches(stop.signal)[Symbol.asyncIterator]();
  const again = await next(second);
  expect(again.data).toEqual(['one']);
  await again.batch.ack(stop.signal);
  expect((await next(second)).data).toEqual(['two']);
});
