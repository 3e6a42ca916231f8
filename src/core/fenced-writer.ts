import type { FeedName } from './batch.ts';
import type { Delivery, Routed, Sink } from './sink.ts';

/**
 * Exactly-once for one feed: events and the mark of their batch are written in one transaction. Whoever opened it has
 * fenced all writers of this feed before it.
 */
export interface FencedWriter extends AsyncDisposable {
  /** Of the last committed transaction, read after fencing. Undefined: there has been none. */
  readonly mark: string | undefined;
  /**
   * Commits all items with the mark, or nothing: all are `confirmed`, or none is. One that is poison is `failed` so, and
   * the others are `failed` with NOT_SENT: call again without it. After `unknown`, or an error that is fatal, the writer is of no use:
   * the next one tells by its mark what became of the transaction. Never retries, never throws; one call at a time.
   * No items: only the mark is written.
   */
  publish(items: readonly Routed[], mark: string, signal: AbortSignal): Promise<readonly Delivery[]>;
}

/** A sink whose broker has transactions. */
export interface TransactionalSink extends Sink {
  /** Fences first, then reads the mark. Rejects with a BridgeError. */
  openWriter(feed: FeedName, signal: AbortSignal): Promise<FencedWriter>;
}
