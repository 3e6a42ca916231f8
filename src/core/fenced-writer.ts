import type { FeedName } from './batch.ts';
import type { BridgeError } from './errors.ts';
import type { Receipt, Routed, Sink } from './sink.ts';

/**
 * What became of a transaction. `committed`: everything is written; one receipt for each item. `refused`: nothing is, since
 * the item at `index` is poison: call again without it. `failed`: nothing is. `unknown`: everything is, or nothing.
 */
export type Outcome =
  | { readonly status: 'committed'; readonly receipts: readonly Receipt[] }
  | { readonly status: 'refused'; readonly index: number; readonly error: BridgeError }
  | { readonly status: 'failed' | 'unknown'; readonly error: BridgeError };

/**
 * Exactly-once for one feed: events and the mark of their batch are written in one transaction. Whoever opened it has
 * fenced all writers of this feed before it. Disposing of it gives the feed up, unless a transaction has failed.
 */
export interface FencedWriter extends AsyncDisposable {
  /** Of the last committed transaction, read after fencing. Undefined: there has been none. */
  readonly mark: string | undefined;
  /**
   * Commits all items with the mark, or nothing. No items: only the mark is written. Never retries, never throws, ends
   * within the sink's own confirm deadline; one call at a time. After `failed` or `unknown` the writer is of no use: the
   * next one tells by its mark what became of the transaction.
   */
  publish(items: readonly Routed[], mark: string, signal: AbortSignal): Promise<Outcome>;
}

/** A sink whose broker has transactions. */
export interface TransactionalSink extends Sink {
  /**
   * Fences first, then reads the mark. Rejects with a BridgeError. When a transaction of the last writer of this feed has
   * failed, and somebody else has opened one since, rejects with PRODUCER_FENCED, once, and fences nobody: what this
   * process has in hand may have been written by the other one. The time after that takes the feed over.
   */
  openWriter(feed: FeedName, signal: AbortSignal): Promise<FencedWriter>;
}

export function isTransactional(sink: Sink): sink is TransactionalSink {
  return 'openWriter' in sink;
}
