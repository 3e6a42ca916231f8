import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { type ErrorCode, toBridgeError } from '../../../src/core/errors.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import type { Settlement } from '../../../src/pipeline/publisher.ts';
import { makeBatch, type StreamBatch } from './batch.ts';
import type { StreamSubject } from './subject.ts';

/**
 * Feeds that publish batch after batch, as the pipeline does: each waits for its confirms before it takes the next.
 * Disposing of it gives up what is not confirmed, and closes the sink.
 */
export interface Stream extends AsyncDisposable {
  /** Resolves when every feed has had so many more batches confirmed. Rejects when that takes too long. */
  flows(batches: number): Promise<void>;
  /** Resolves when a call has failed that was at least the so-manyth attempt, since this was asked. */
  fails(attempt: number): Promise<void>;
  /** Resolves when every feed has been told so, so many times since this was asked: of an attempt, or by being halted. */
  told(code: ErrorCode, times: number): Promise<void>;
  /** Gives each feed one more batch with an event of that size in it. Resolves when it alone was refused, with the code. */
  swallows(poison: Poison): Promise<void>;
  /** Lets each feed finish its batch, and take the next one when `work` is done. */
  still(work: () => Promise<void>): Promise<void>;
  /** Lets each feed finish its batch, and closes the sink. */
  finish(): Promise<Published>;
}

export interface Poison {
  readonly bytes: number;
  readonly code: ErrorCode;
}

export interface Published {
  /** Ids by partition key, in the order of publishing: all of them were confirmed. */
  readonly lanes: ReadonlyMap<string, readonly string[]>;
  /** Ids of those that were refused, as they should be. */
  readonly poison: ReadonlySet<string>;
}

export interface StreamOptions {
  /** A fatal error that feeds may be told of: they probe with the same batch until it is over. None unless told. */
  readonly mayHalt?: ErrorCode | undefined;
}

/** How long a halted feed rests. */
const probeMs = 200;
/** Polling by `expect` is for tests that run alone. */
const patience = { timeout: 30_000, interval: 5 };

export function startStream({ sink, feeds }: StreamSubject, { mayHalt }: StreamOptions = {}): Stream {
  const run = randomUUID();
  const lanes = new Map<string, string[]>();
  const poison = new Set<string>();
  const confirmed = new Map(feeds.map((feed) => [feed, 0]));
  const words = new Map<string, number>();
  const poisonNext = new Map<FeedName, Poison>();
  const waiting = new Set<FeedName>();
  let failedAttempt = 0;
  let pause: Promise<void> | undefined;
  let finishing = false;
  let closed: PromiseLike<void> | undefined;
  const publisher = createLanesPublisher(sink, (event) => {
    if (event.event !== 'attempt.failed') return;
    failedAttempt = Math.max(failedAttempt, event.attempt);
    note(event.subject, event.error.code);
  });

  function note(feed: string, code: ErrorCode) {
    const word = `${feed} ${code}`;
    words.set(word, (words.get(word) ?? 0) + 1);
  }

  async function settle({ envelopes }: StreamBatch, feed: FeedName): Promise<readonly Settlement[]> {
    for (;;) {
      try {
        // After a fatal error nothing more is published under the same signal.
        return await publisher.publish(envelopes, feed, new AbortController().signal);
      } catch (thrown) {
        const { code } = toBridgeError(thrown);
        if (code !== mayHalt) throw thrown;
        note(feed, code);
        await delay(probeMs);
      }
    }
  }

  function wordOn(settlement: Settlement): string {
    return settlement.status === 'poison' ? settlement.error.code : settlement.status;
  }

  async function runFeed(feed: FeedName): Promise<void> {
    while (!finishing) {
      const expected = poisonNext.get(feed);
      const batch = makeBatch(run, feed, expected?.bytes);
      for (const { attributes } of batch.envelopes) {
        if (attributes.id === batch.poison) poison.add(attributes.id);
        else lanes.getOrInsert(attributes.partitionkey, []).push(attributes.id);
      }
      const settlements = await settle(batch, feed);
      expect(settlements.map(wordOn)).toEqual(
        batch.envelopes.map(({ attributes }) => (attributes.id === batch.poison ? expected?.code : 'confirmed')),
      );
      confirmed.set(feed, (confirmed.get(feed) ?? 0) + 1);
      if (expected) poisonNext.delete(feed);
      waiting.add(feed);
      await pause;
      waiting.delete(feed);
    }
  }

  const ended = Promise.all(feeds.map(runFeed));
  const broken = ended.then(() => {
    throw new Error('the feeds have ended');
  });
  // Told by `finish`, and to whoever waits; until then it is nobody's.
  broken.catch(() => {});

  async function close(): Promise<void> {
    finishing = true;
    closed ??= publisher[Symbol.asyncDispose]();
    await closed;
  }

  async function until(look: () => void): Promise<void> {
    await Promise.race([vi.waitFor(look, patience), broken]);
  }

  return {
    async flows(batches) {
      const goals = new Map(Array.from(confirmed, ([feed, count]) => [feed, count + batches]));
      const behind = () => feeds.filter((feed) => (confirmed.get(feed) ?? 0) < (goals.get(feed) ?? 0));
      await until(() => expect(behind(), 'feeds that do not flow').toEqual([]));
    },
    async fails(attempt) {
      failedAttempt = 0;
      await until(() => expect(failedAttempt, 'failed attempts').toBeGreaterThanOrEqual(attempt));
    },
    async told(code, times) {
      words.clear();
      const silent = () => feeds.filter((feed) => (words.get(`${feed} ${code}`) ?? 0) < times);
      await until(() => expect(silent(), `feeds not told of ${code}, but ${[...words]}`).toEqual([]));
    },
    async swallows(next) {
      for (const feed of feeds) poisonNext.set(feed, next);
      await until(() => expect([...poisonNext.keys()], 'feeds with poison left').toEqual([]));
    },
    async still(work) {
      const { promise, resolve } = Promise.withResolvers<void>();
      pause = promise;
      try {
        await until(() => expect(waiting.size, 'feeds that are still').toBe(feeds.length));
        await work();
      } finally {
        pause = undefined;
        resolve();
      }
    },
    async finish() {
      finishing = true;
      await ended.finally(close);
      return { lanes, poison };
    },
    [Symbol.asyncDispose]: close,
  };
}
