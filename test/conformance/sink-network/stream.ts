import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { noAbort } from '../sink/events.ts';
import type { FaultSubject } from './subject.ts';

/** Feeds that publish batch after batch, as the pipeline does: each waits for its confirms before it takes the next. */
export interface Stream {
  /** Resolves when every feed has had so many more batches confirmed. Rejects when that takes too long. */
  flows(batches: number): Promise<void>;
  /** Resolves when a call has failed that was at least the so-manyth attempt, since this was asked. */
  fails(attempt: number): Promise<void>;
  /** Lets each feed finish its batch, and closes the sink. Ids by partition key, in the order of publishing. */
  finish(): Promise<ReadonlyMap<string, readonly string[]>>;
}

const batchSize = 20;
const lanesPerFeed = 5;
const dataBytes = 300;
/** Polling by `expect` is for tests that run alone. */
const patience = { timeout: 20_000, interval: 5 };

function makeBatch(run: string, feed: FeedName): readonly Envelope[] {
  return Array.from({ length: batchSize }, (_, at) =>
    createEnvelope(
      {
        specversion: '1.0',
        id: randomUUID(),
        source: '/network',
        type: 'com.example.network.happened',
        datacontenttype: 'application/json',
        partitionkey: `${run}-${feed}-${at % lanesPerFeed}`,
      },
      { kind: 'json', bytes: Buffer.from(JSON.stringify('x'.repeat(dataBytes))) },
    ),
  );
}

export function startStream({ sink, feeds }: FaultSubject): Stream {
  const run = randomUUID();
  const published = new Map<string, string[]>();
  const confirmed = new Map(feeds.map((feed) => [feed, 0]));
  let failedAttempt = 0;
  let finishing = false;
  const publisher = createLanesPublisher(sink, (event) => {
    if (event.event === 'attempt.failed') failedAttempt = Math.max(failedAttempt, event.attempt);
  });

  async function runFeed(feed: FeedName): Promise<void> {
    while (!finishing) {
      const batch = makeBatch(run, feed);
      for (const { attributes } of batch) {
        const lane = published.getOrInsert(attributes.partitionkey, []);
        lane.push(attributes.id);
      }
      const settlements = await publisher.publish(batch, feed, noAbort);
      expect(settlements.map(({ status }) => status)).toEqual(batch.map(() => 'confirmed'));
      confirmed.set(feed, (confirmed.get(feed) ?? 0) + 1);
    }
  }

  const ended = Promise.all(feeds.map(runFeed));
  // Told by `finish`; until then it is nobody's.
  ended.catch(() => {});

  return {
    async flows(batches) {
      const goals = new Map(Array.from(confirmed, ([feed, count]) => [feed, count + batches]));
      const behind = () => feeds.filter((feed) => (confirmed.get(feed) ?? 0) < (goals.get(feed) ?? 0));
      await vi.waitFor(() => expect(behind(), 'feeds that do not flow').toEqual([]), patience);
    },
    async fails(attempt) {
      failedAttempt = 0;
      await vi.waitFor(() => expect(failedAttempt, 'failed attempts').toBeGreaterThanOrEqual(attempt), patience);
    },
    async finish() {
      finishing = true;
      await ended.finally(() => publisher[Symbol.asyncDispose]());
      return published;
    },
  };
}
