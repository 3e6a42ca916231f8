import type { FeedName } from './batch.ts';
import type { RawRecord } from './record.ts';

/** What an id of the spool says of a record, as its connector has it: an occurrence, or a state or content that may come again. */
export type IdKind = 'event' | 'state';

/** A record that has been accepted from upstream. */
export interface SpoolEntry {
  readonly record: RawRecord;
  /** Upstream's name for the batch that it came in, for people and for normalise; "" where it has none. */
  readonly batchId: string;
  /** Position in that batch, from 0. */
  readonly index: number;
  /** What it is recognised by: of the events that it makes, or of its bytes where it makes none. Absent: never recognised. */
  readonly identity?: {
    readonly source: string;
    readonly id: string;
    readonly kind: IdKind;
    readonly partitionkey: string;
  };
}

/** `duplicate`: the same identity is in the spool's memory already; nothing was written. */
export type Appended = { readonly status: 'spooled' | 'duplicate'; readonly sequence: number };

export interface SpooledRecord {
  /** Rises by one with each record of the feed, and never repeats; what is missing is in a page's `gaps`. */
  readonly sequence: number;
  readonly entry: Omit<SpoolEntry, 'identity'>;
}

/** What was read, and what could not be. */
export interface SpoolPage {
  readonly records: readonly SpooledRecord[];
  /**
   * Sequences that are gone: their rows were damaged, and are kept apart for analysis. Where the end of a file was lost,
   * up to the last one that may have been given out.
   */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
}

export interface SpoolUse {
  readonly feed: FeedName;
  /** Accepted and not yet settled. */
  readonly records: number;
  readonly bytes: number;
  readonly oldestAt: Date | undefined;
  /** The last sequence accepted, and the last one released; 0 at first. */
  readonly accepted: number;
  readonly released: number;
  /** Records that were damaged, ever. */
  readonly gaps: number;
}

export interface SpoolState {
  /** Most bytes of all feeds together. */
  readonly maxBytes: number;
  readonly bytes: number;
  /**
   * At the rate of the last minute, until `maxBytes` or the end of the disk, whichever comes first; 0: it is. Undefined
   * while it does not grow. Milliseconds.
   */
  readonly timeToFullMs: number | undefined;
  /** Why records are refused right now: of every feed, or (`too-old`) of those whose oldest one is too old. */
  readonly refusing: 'full' | 'too-old' | 'disk' | undefined;
  readonly feeds: readonly SpoolUse[];
  /** Damaged files that were set apart, newest first. */
  readonly quarantined: readonly string[];
}

/** What the spool tells of damage, as it finds it. */
export type SpoolReport =
  /** At least so many records in this range are lost. */
  | {
      readonly kind: 'gap';
      readonly feed: FeedName;
      readonly from: number;
      readonly to: number;
      readonly records: number;
    }
  /** A file was set aside, and a new one begun; what is whole in it is being brought over. */
  | { readonly kind: 'damaged'; readonly file: string; readonly reason: string }
  /** That is done: so many records were brought over. The file is kept there. */
  | { readonly kind: 'salvaged'; readonly file: string; readonly records: number }
  /** A damaged file that was kept had to go for newer ones. */
  | { readonly kind: 'discarded'; readonly file: string };

/**
 * Where accepted records wait until they are settled, for upstreams that cannot be acked or that are answered early.
 * Durable when `append` resolves, also through a power cut. Rejects with SPOOL_FULL (bytes or age), STATE_UNWRITABLE
 * (disk full, EIO), both retryable; works again by itself within 10 s of the cause being gone.
 */
export interface Spool {
  /** All or none of one call, in order. Calls of the same moment share an fsync. */
  append(feed: FeedName, entries: readonly SpoolEntry[]): Promise<readonly Appended[]>;
  /** What follows sequence `after`, in order, up to these bounds, one record at least where there is one. */
  read(feed: FeedName, after: number, most: { readonly records: number; readonly bytes: number }): Promise<SpoolPage>;
  /** Everything up to `sequence` is settled: durable when it resolves. Going backwards changes nothing. */
  release(feed: FeedName, sequence: number): Promise<void>;
  /** Resolves when something was appended to the feed after `sequence`, or `signal` aborts. Rejects with STATE_UNWRITABLE. */
  grown(feed: FeedName, sequence: number, signal: AbortSignal): Promise<void>;
  state(): Promise<SpoolState>;
}
