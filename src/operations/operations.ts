import type { BatchReceipt, Page, PageQuery, RawBatch } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import type { FeedState } from '../core/feed-state.ts';
import type { ReloadReport } from '../core/reload-report.ts';
import type { SpoolState } from '../core/spool.ts';
import type { DeadLetterCount, DeadLetterFilter, LedgerEntry } from '../core/state.ts';
import type { Registered } from '../registration/registrar.ts';
import type { Redriven, RedriveOptions } from './redrive.ts';
import type { ParkedKeyView, ReleasedKey } from './release.ts';
import type { UnreceiptedPage } from './unreceipted.ts';

/** Which batches, where to, and what has become of them. */
export type ReplayDetail = Readonly<Record<string, string | number | null>>;

export interface OpenBatch {
  /** As upstream names it; undefined when the batch cannot be read. */
  readonly batchId: string | undefined;
  /** The whole answer, as upstream gave it. */
  readonly body: Uint8Array;
}

/**
 * What an operator can do, the same with a running daemon (over its admin listener) and without one (on the state
 * files). Every method rejects with a BridgeError. Acts on a running feed pause it first, and leave it as it was.
 */
export interface Operations {
  feedState(feed: FeedName): Promise<FeedState>;
  pause(feed: FeedName, reason: string): Promise<void>;
  resume(feed: FeedName, reason: string): Promise<void>;
  /** The batch that upstream would hand out next; asking changes nothing there. Undefined: the feed is empty. */
  peek(feed: FeedName): Promise<OpenBatch | undefined>;
  /** Puts the open batch into the dead letters, durably, and then completes it upstream. */
  setAside(
    feed: FeedName,
    options: { readonly reason: string; readonly batchId?: string },
  ): Promise<{ readonly batchId: string; readonly deadLetterId: string }>;
  /** Drops everything that waits upstream, and proves it. `attempts`: how many calls it took. */
  discard(
    feed: FeedName,
    options: { readonly reason: string },
  ): Promise<{ readonly attempts: number; readonly proof: 'empty' | 'newer-batch' }>;
  deadLetters(filter: DeadLetterFilter): Promise<readonly DeadLetter[]>;
  /** Rejects with NOT_FOUND. */
  deadLetter(id: string): Promise<DeadLetter>;
  /** Publishes what a dead letter holds where it is lacking, by the present configuration, and closes it. */
  redrive(id: string, options: RedriveOptions): Promise<Redriven>;
  /**
   * Closes dead letters, which must all be known. Gives how many: those that were closed before stay as they are. A key
   * at which nothing is parked any more is let go.
   */
  discardDeadLetters(ids: readonly string[], options: { readonly reason: string }): Promise<number>;
  /** By feed and code, with the oldest, of those that are not closed. */
  deadLetterCounts(): Promise<readonly DeadLetterCount[]>;
  ledger(filter: { readonly feed?: FeedName; readonly limit: number }): Promise<readonly LedgerEntry[]>;
  /** What is known of an event, by its id, its correlation id or its batch, oldest first, at most so many batches. */
  trace(text: string, limit: number): Promise<readonly BatchReceipt[]>;
  /** Where the events of a feed are by their receipts, in the order in which they were published, in pages of batches. */
  receipts(query: PageQuery): Promise<Page<BatchReceipt>>;
  /** Batches of a feed that the ledger knows as published and the receipts do not tell all of, in pages of the ledger. */
  unreceipted(query: PageQuery): Promise<UnreceiptedPage>;
  /** What waits in the spool. */
  spool(): Promise<SpoolState>;
  /** Batches of a feed as upstream sent them, oldest first, in pages. */
  rawBatches(query: PageQuery): Promise<Page<RawBatch>>;
  /** Writes down that raw batches were published again, or are about to be: that does not go through here. */
  recordReplay(feed: FeedName, replay: { readonly reason: string; readonly detail: ReplayDetail }): Promise<void>;
  /** Keys at which records are parked, in the order in which they were parked. */
  parkedKeys(): Promise<readonly ParkedKeyView[]>;
  /** Publishes what is parked at a key, in order, and lets the key go. After `more`: to be called again. */
  releaseKey(
    feed: FeedName,
    options: {
      readonly key: string;
      readonly reason: string;
      /** Name of the destination that gets what is parked for one that the configuration has no more. */
      readonly to?: string | undefined;
    },
  ): Promise<ReleasedKey>;
  /** Tells the upstream of a feed where to send, also after `unregister`. Does nothing where it knows. */
  register(feed: FeedName, reason: string): Promise<Registered>;
  /** Ends that, until `register`. */
  unregister(feed: FeedName, reason: string): Promise<Registered>;
  /** Has the running daemon read its configuration again, and apply what has changed. Rejects with NOT_RUNNING. */
  reload(): Promise<ReloadReport>;
  cursors(): Promise<readonly { readonly feed: FeedName; readonly position: string; readonly setAt: Date }[]>;
  setCursor(feed: FeedName, position: string, reason: string): Promise<void>;
}
