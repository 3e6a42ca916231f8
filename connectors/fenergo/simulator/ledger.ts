import type { FenergoFeed } from '../feeds.ts';

/** Who ended a batch: the client under test, somebody else by a fault, or a discardAll. */
export type CompletedBy = 'client' | 'foreign' | 'discard';

/** `at`: milliseconds since the epoch. `order`: counts everything that happens in this simulator, from 1. */
export interface Moment {
  readonly at: number;
  readonly order: number;
}

/** What became of one batch. */
export interface LedgerBatch {
  readonly feed: FenergoFeed;
  readonly batchId: string;
  /** The ids of its events, in order. */
  readonly eventIds: readonly string[];
  readonly firstFetched: Moment | null;
  readonly fetches: number;
  readonly completed: Moment | null;
  readonly completedBy: CompletedBy | null;
  /** Calls of complete for it, the refused ones too. */
  readonly completeCalls: number;
}

/** The same while it grows; ids are made when they are asked for. */
export type LedgerEntry = { -readonly [Key in keyof Omit<LedgerBatch, 'eventIds'>]: LedgerBatch[Key] } & {
  readonly eventIds: () => readonly string[];
};

/** Counts moments across all feeds. */
export type Clock = () => Moment;

export function createClock(): Clock {
  let order = 0;
  return () => {
    order += 1;
    return { at: Date.now(), order };
  };
}

export function newEntry(feed: FenergoFeed, batchId: string, eventIds: () => readonly string[]): LedgerEntry {
  return {
    feed,
    batchId,
    eventIds,
    firstFetched: null,
    fetches: 0,
    completed: null,
    completedBy: null,
    completeCalls: 0,
  };
}

export function toLedgerBatch(entry: LedgerEntry): LedgerBatch {
  return { ...entry, eventIds: entry.eventIds() };
}
