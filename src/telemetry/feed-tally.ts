import type { FeedName } from '../core/batch.ts';
import type { BridgeError, ErrorCode } from '../core/errors.ts';
import type { FeedState } from '../core/feed-state.ts';
import type { Activity, TelemetryEvent } from './events.ts';

/** `intake`: from upstream, and on to the broker where nothing is spooled. `drain`: from the spool to the broker. */
export type Stage = 'intake' | 'drain';

/** Totals since the daemon started. */
export interface FeedCounts {
  /** Batches given out by upstream. */
  readonly fetched: number;
  /** Events confirmed by the broker. */
  readonly published: number;
  readonly filtered: number;
  /** Records set aside. */
  readonly deadLettered: number;
  /** Copies of them that the destination for dead letters has confirmed. */
  readonly copied: number;
  /** Copies of them that it has refused for good. */
  readonly notCopied: number;
  /** Batches that upstream accepted as done. */
  readonly completed: number;
  /** Batches given back to upstream. */
  readonly returned: number;
  /** Batches found in the ledger and only completed again. */
  readonly recognised: number;
}

/** What is remembered of one feed. Times in milliseconds since the epoch; null: never. */
export interface FeedTally {
  readonly feed: FeedName;
  readonly state: FeedState;
  /** Which stages are halted; a feed that is not spooled has the first one alone. */
  readonly halts: readonly Stage[];
  readonly lastContactAt: number | null;
  readonly lastEventAt: number | null;
  /** When upstream had nothing more. */
  readonly lastIdleAt: number | null;
  readonly lastError: { readonly code: ErrorCode; readonly message: string; readonly at: number } | null;
  readonly counts: FeedCounts;
  /** What waits for an operator to release it. */
  readonly parked: { readonly keys: number; readonly records: number };
  /** Present run of failures of each activity that is failing. */
  readonly failures: Readonly<Partial<Record<Activity, number>>>;
}

export function emptyTally(feed: FeedName): FeedTally {
  const counts: FeedCounts = {
    fetched: 0,
    published: 0,
    filtered: 0,
    deadLettered: 0,
    copied: 0,
    notCopied: 0,
    completed: 0,
    returned: 0,
    recognised: 0,
  };
  return {
    feed,
    state: 'running',
    halts: [],
    lastContactAt: null,
    lastEventAt: null,
    lastIdleAt: null,
    lastError: null,
    counts,
    parked: { keys: 0, records: 0 },
    failures: {},
  };
}

type Failures = FeedTally['failures'];

function without(failures: Failures, ...activities: readonly Activity[]): Failures {
  if (activities.every((activity) => failures[activity] === undefined)) return failures;
  return Object.fromEntries(
    Object.entries(failures).filter(([activity]) => !activities.includes(activity as Activity)),
  );
}

function toLastError({ code, message }: BridgeError, at: number): FeedTally['lastError'] {
  return { code, message, at };
}

/** A halted feed runs again once a probe has come to its end: asking alone does not show that it works. */
function probed(state: FeedState, halts: FeedTally['halts'], stage: Stage): Pick<FeedTally, 'state' | 'halts'> {
  const left = halts.filter((halted) => halted !== stage);
  return { state: state === 'halted' && left.length === 0 ? 'running' : state, halts: left };
}

function change(
  { state, halts, counts, failures, lastEventAt }: FeedTally,
  event: TelemetryEvent,
  now: number,
): Partial<FeedTally> {
  switch (event.event) {
    case 'feed.started':
    case 'feed.resumed':
      return { state: 'running', halts: [] };
    case 'feed.paused':
      return { state: 'paused', halts: [] };
    case 'feed.halted':
      return {
        state: 'halted',
        halts: [...new Set<Stage>([...halts, event.stage ?? 'intake'])],
        lastError: toLastError(event.error, now),
      };
    case 'feed.idle':
      return {
        ...probed(state, halts, 'intake'),
        lastContactAt: now,
        lastIdleAt: now,
        failures: without(failures, 'next', 'token'),
      };
    case 'batch.fetched':
      return {
        lastContactAt: now,
        lastEventAt: event.records > 0 ? now : lastEventAt,
        counts: { ...counts, fetched: counts.fetched + 1 },
        failures: without(failures, 'next', 'token'),
      };
    case 'batch.recognised':
      return {
        counts: { ...counts, recognised: counts.recognised + 1 },
        failures: without(failures, 'publish', 'dead-letter', 'ledger'),
      };
    case 'batch.confirmed':
      return {
        counts: {
          ...counts,
          published: counts.published + event.events,
          filtered: counts.filtered + event.filtered,
        },
        failures: without(failures, 'publish', 'dead-letter', 'ledger'),
      };
    case 'batch.completed':
      return {
        ...probed(state, halts, 'intake'),
        lastContactAt: now,
        counts: { ...counts, completed: counts.completed + 1 },
        failures: without(failures, 'complete', 'cursor'),
      };
    case 'batch.spooled':
      return { failures: without(failures, 'spool', 'ledger') };
    case 'batch.released':
      return { ...probed(state, halts, 'drain'), failures: without(failures, 'spool') };
    case 'spool.drained':
      return probed(state, halts, 'drain');
    case 'batch.returned':
      return { counts: { ...counts, returned: counts.returned + 1 }, lastError: toLastError(event.error, now) };
    case 'event.dead-lettered':
      return { counts: { ...counts, deadLettered: counts.deadLettered + 1 } };
    case 'parking.changed':
      return { parked: { keys: event.keys, records: event.records } };
    case 'dead-letter.copied':
      return { counts: { ...counts, copied: counts.copied + 1 } };
    case 'dead-letter.not-copied':
      return { counts: { ...counts, notCopied: counts.notCopied + 1 }, lastError: toLastError(event.error, now) };
    case 'feed.foreign-complete':
      return { lastContactAt: now, lastError: toLastError(event.error, now), failures: without(failures, 'complete') };
    case 'attempt.failed':
      return {
        failures: { ...failures, [event.activity]: event.attempt },
        lastError: toLastError(event.error, now),
      };
    case 'registration.changed':
    case 'registration.works':
      return { failures: without(failures, 'register', 'token') };
    case 'token.refreshed':
      return { failures: without(failures, 'token') };
    default:
      return {};
  }
}

/** What is remembered after one more event that concerns the feed. Pure; `now` in milliseconds since the epoch. */
export function reduceTally(tally: FeedTally, event: TelemetryEvent, now: number): FeedTally {
  return { ...tally, ...change(tally, event, now) };
}
