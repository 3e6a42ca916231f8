import type { FeedName } from './batch.ts';
import type { RawRecord } from './record.ts';
import type { Receipt } from './sink.ts';

/** Where one event of a batch is. */
export interface EventReceipt {
  readonly id: string;
  /** CloudEvents `source`. Undefined in what an older version has written. */
  readonly source?: string | undefined;
  readonly correlationId?: string | undefined;
  /** As people name it: a topic, a queue, an exchange. */
  readonly destination: string;
  /** The configuration's name for it, where its pipeline has several. */
  readonly to?: string | undefined;
  readonly receipt: Receipt;
}

/** Where the events of a batch are, and when what happened to it. */
export interface BatchReceipt {
  readonly feed: FeedName;
  /** Upstream's name for the batch; "" where it has none. */
  readonly batchId: string;
  readonly fetchedAt: Date;
  readonly publishedAt: Date;
  /** When upstream accepted the ack; null while that is open. */
  readonly completedAt: Date | null;
  /** In the order of the batch; an event with several destinations stands there once for each. */
  readonly events: readonly EventReceipt[];
}

/**
 * What became of batches, for people. Written behind: an entry of the last moment may go with a crash, and none holds up
 * an ack. The oldest go first when there is no more room for them.
 */
export interface Receipts {
  published(receipt: Omit<BatchReceipt, 'completedAt'>): void;
  completed(feed: FeedName, batchId: string, at: Date): void;
  /**
   * The batches that know an event id, a correlation id or a batch id, oldest first, at most so many. Of a batch found by
   * something else than its own id, the events that were meant. Includes what was told before the call.
   */
  trace(text: string, limit: number): Promise<readonly BatchReceipt[]>;
  /** Batches of a feed that were published from `from` until before `to`, oldest first, in pages. */
  range(query: PageQuery): Promise<Page<BatchReceipt>>;
  /** How many receipts there are for batches of a feed: one tally for each time that one was published. */
  tally(feed: FeedName, batchIds: readonly string[]): Promise<readonly BatchTally[]>;
}

/** How many events of a batch have receipts. */
export interface BatchTally {
  readonly batchId: string;
  readonly publishedAt: Date;
  readonly receipts: number;
  /** Events that they are of: one may have several destinations. */
  readonly ids: number;
}

export interface PageQuery {
  readonly feed: FeedName;
  readonly from: Date;
  readonly to: Date;
  /** `next` of the page before it. */
  readonly after?: number | undefined;
  /** Most of what is stored together in a page: batches, or some that came together. */
  readonly limit: number;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; undefined: this was the last one. */
  readonly next?: number | undefined;
}

/** A batch as upstream handed it out. */
export interface RawBatch {
  readonly feed: FeedName;
  /** "" where upstream has none. */
  readonly batchId: string;
  readonly fetchedAt: Date;
  /** Place of its first record in upstream's batch, where this is a part of one. Default: 0. */
  readonly offset?: number;
  readonly records: readonly RawRecord[];
}

/** What upstream sent, for replay and rehearsal. Written behind, as receipts are. */
export interface RawBatches {
  keep(batch: RawBatch): void;
  /** Of a feed, fetched from `from` until before `to`, oldest first, in pages. */
  range(query: PageQuery): Promise<Page<RawBatch>>;
}

export interface ArchiveUse {
  readonly bytes: number;
  readonly oldestAt: Date | undefined;
  /** Entries that could not be kept since the start: too many waited, or the disk refused. */
  readonly dropped: number;
}

/** Receipts and raw batches, in files of their own. */
export interface Archive extends AsyncDisposable {
  readonly receipts: Receipts;
  readonly raw: RawBatches;
  /** Drops what is too old, or too much; also done every minute. */
  prune(): Promise<void>;
  use(): Promise<{ readonly receipts: ArchiveUse; readonly raw: ArchiveUse }>;
}
