import type { FeedName } from '../core/batch.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { SpoolState } from '../core/spool.ts';
import type { Report, TelemetryEvent } from './events.ts';
import { emptyTally, type FeedTally, reduceTally } from './feed-tally.ts';
import { type OpenBatch, recordOpenBatch } from './open-batches.ts';

/** Of a feed in the spool. Times as in FeedReport. */
export interface SpoolReading {
  readonly records: number;
  readonly bytes: number;
  readonly oldestSince: number | null;
  /** Records that were damaged, ever. */
  readonly gaps: number;
  /** Of all feeds together. */
  readonly totalBytes: number;
  readonly maxBytes: number;
  readonly timeToFullMs: number | null;
  readonly refusing: SpoolState['refusing'] | null;
}

/** Dead letters that are not closed. */
export interface DeadLetterReading {
  readonly byCode: Readonly<Partial<Record<ErrorCode, number>>>;
  /** When the one that was set aside last longest ago was; null: there is none. */
  readonly oldestSince: number | null;
}

/** What is so with one feed. Times in milliseconds since the epoch; null: never, or nothing open. */
export interface FeedReport extends Omit<FeedTally, 'failures' | 'halts'> {
  /** Where it is halted; absent: nowhere. */
  readonly halts?: FeedTally['halts'];
  /** What waits in the spool; absent where the feed is not spooled, undefined where the spool does not say. */
  readonly spool?: SpoolReading | undefined;
  /** What waits for an operator; absent where the state does not say. */
  readonly deadLetters?: DeadLetterReading;
  /** Age of the oldest batch that the broker has not confirmed yet. */
  readonly oldestUnconfirmedSince: number | null;
  /** Age of the oldest batch that upstream still holds open. */
  readonly oldestUncompletedSince: number | null;
  /** The longest present run of failures of one activity. */
  readonly failuresInARow: number;
}

interface Watched {
  tally: FeedTally;
  readonly open: OpenBatch[];
}

function watch(feed: FeedName): Watched {
  return { tally: emptyTally(feed), open: [] };
}

function toReport({ open, tally: { failures, ...tally } }: Watched): FeedReport {
  return {
    ...tally,
    oldestUnconfirmedSince: open.find((batch) => !batch.confirmed)?.since ?? null,
    oldestUncompletedSince: open[0]?.since ?? null,
    failuresInARow: Math.max(0, ...Object.values(failures)),
  };
}

/** The feeds that an event speaks of: by name, or by that of their pipeline. */
function concerned(event: TelemetryEvent, feeds: Iterable<FeedName>): readonly FeedName[] {
  if ('feed' in event) return [event.feed];
  if (!('subject' in event)) return [];
  return [...feeds].filter((feed) => feed === event.subject || feed.startsWith(`${event.subject}/`));
}

export interface FeedReports {
  readonly report: Report;
  all(): readonly FeedReport[];
  of(feed: FeedName): FeedReport | undefined;
  /** From now on there are these feeds: what is known of those that stay is kept. */
  keep(feeds: readonly FeedName[]): void;
}

/** Keeps what is so with each feed from what is reported. `now` gives milliseconds since the epoch. */
export function createFeedReports(feeds: readonly FeedName[], now: () => number = Date.now): FeedReports {
  let watched = new Map(feeds.map((feed) => [feed, watch(feed)]));
  return {
    report: (event) => {
      for (const feed of concerned(event, watched.keys())) {
        const known = watched.get(feed);
        if (known === undefined) continue;
        known.tally = reduceTally(known.tally, event, now());
        recordOpenBatch(known.open, event, now());
      }
    },
    all: () => [...watched.values()].map(toReport),
    of(feed) {
      const known = watched.get(feed);
      return known && toReport(known);
    },
    keep(present) {
      watched = new Map(present.map((feed) => [feed, watched.get(feed) ?? watch(feed)]));
    },
  };
}
