import { expect, it } from 'vitest';
import { gini } from '../../../connectors/gini/index.ts';
import type { StreamClient } from '../../../src/core/stream.ts';
import { createInbox } from '../../../src/sources/sse/inbox.ts';
import { visit } from '../../../src/sources/sse/visit.ts';

const perChunk = 100;

it('a stream that nobody takes from is read no further than there is room, and read on when there is', async () => {
  const [feed] = gini.feeds(gini.config.parse({ connector: 'gini', account: 'acme' }));
  if (feed?.arrival.kind !== 'sse') throw new Error('it is no stream');
  const stop = new AbortController();
  let chunks = 0;
  const event = 'data: {"documentId":"d","status":"COMPLETED"}\n\n';
  async function* flood() {
    while (!stop.signal.aborted) {
      chunks += 1;
      yield Buffer.from(event.repeat(perChunk));
      await new Promise(setImmediate);
    }
  }
  const client: StreamClient = {
    open: async () => ({
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      chunks: flood(),
      head: () => Promise.reject(new Error('it is a stream')),
      abort() {},
    }),
    renew: () => false,
    async [Symbol.asyncDispose]() {},
  };
  const inbox = createInbox({ records: 500, bytes: 1_000_000, gatherMs: 1 });
  const visiting = visit(
    {
      arrival: feed.arrival,
      client,
      inbox,
      lastEventId: undefined,
      settledMs: 1,
      works() {},
      arrived() {},
      moved() {},
      retry() {},
    },
    stop.signal,
  );
  // Many times what it needs for the chunks that there is room for.
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  expect(chunks).toBe(10);
  expect(await inbox.take()).toHaveLength(500);
  await expect.poll(() => chunks).toBe(15);
  // Ends where it waits for room, though it is flooded.
  stop.abort();
  expect(await visiting).toMatchObject({ reason: 'ended' });
});
