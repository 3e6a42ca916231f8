import type { Batch, FeedName } from '../../core/batch.ts';
import { toBridgeError } from '../../core/errors.ts';
import type { Requests, StoredAnswer } from '../../core/requests.ts';
import type { Source } from '../../core/source.ts';
import { persist } from '../../pipeline/persist.ts';
import type { Report } from '../../telemetry/events.ts';
import type { Bell } from './bell.ts';

export interface AnswersFeed {
  readonly feed: FeedName;
  /** The feed that takes the requests. */
  readonly of: FeedName;
  readonly requests: Pick<Requests, 'unpublished' | 'published'>;
  /** Rings when there may be another answer. */
  readonly bell: Bell;
  readonly report: Report;
}

/** How many are read at once: an answer may be large. */
const page = 16;

/**
 * Answers to requests, out of the state, where they are since their callers have them: each is a batch of its own, and is
 * forgotten when it is safe. One that is given back ends the run, so that nothing overtakes it.
 */
export function createAnswersSource({ feed, of, requests, bell, report }: AnswersFeed): Source {
  function toBatch({ sequence, requestId, record }: StoredAnswer, end: () => void): Batch {
    const bytes = record.bytes.length;
    report({ event: 'batch.fetched', feed, batchId: requestId, records: 1, bytes });
    const forget = () => requests.published(of, sequence);
    return {
      feed,
      upstreamId: requestId,
      position: `${sequence}`,
      bytes,
      records: [record],
      ack: (signal) => persist(forget, { feed, activity: 'complete', report, signal }),
      nack: async () => end(),
    };
  }

  async function* read(stop: AbortSignal, end: () => void): AsyncGenerator<Batch> {
    let given = 0;
    while (!stop.aborted) {
      const look = () => requests.unpublished(of, given, page);
      const found = await persist(look, { feed, activity: 'next', report, signal: stop });
      for (const answer of found) {
        if (stop.aborted) return;
        given = answer.sequence;
        yield toBatch(answer, end);
      }
      if (found.length > 0) continue;
      report({ event: 'feed.idle', feed });
      await bell.rung(stop);
    }
  }

  return {
    feed,
    ackOrder: 'in-order',
    async *batches(stop) {
      const run = new AbortController();
      const either = AbortSignal.any([stop, run.signal]);
      try {
        yield* read(either, () => run.abort());
      } catch (thrown) {
        const error = toBridgeError(thrown);
        if (!either.aborted || error.disposition === 'fatal') throw error;
      }
    },
  };
}
