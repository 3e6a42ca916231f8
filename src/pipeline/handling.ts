import type { Batch } from '../core/batch.ts';
import { carrierOf } from './at-least-once.ts';
import { type FeedContext, settle, type Turn } from './settle.ts';

/** What is done with the batches of a source. */
export interface Handling {
  /** Whether a batch has to be acked before the next one is taken. */
  readonly oneByOne: boolean;
  /** To be called whenever the source is about to be asked; as that of Carrier. */
  open(signal: AbortSignal): Promise<void>;
  /** As `settle`. */
  settle(batch: Batch, turn: Turn, signal: AbortSignal): Promise<void>;
  /** To be called when the feed has stopped; it may be opened again. */
  close(): Promise<void>;
}

/** Publishes them. */
export function publishing(feed: FeedContext): Handling {
  const carrier = carrierOf(feed);
  return {
    oneByOne: carrier.oneByOne,
    open: (signal) => carrier.open(signal),
    settle: (batch, turn, signal) => settle(batch, feed, turn, signal),
    close: () => carrier.close(),
  };
}
