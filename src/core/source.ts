import type { Batch, FeedName } from './batch.ts';

/** One way of arriving, for one feed. */
export interface Source {
  readonly feed: FeedName;
  /** `in-order`: a batch may be acked only when all before it are. `independent`: as each is settled. */
  readonly ackOrder: 'in-order' | 'independent';
  /**
   * Batches in order of acceptance. Retries by itself what is retryable; throws a fatal BridgeError when it cannot go
   * on, and can then be called again. Ends when `stop` aborts, once it has given out what it has read where upstream keeps
   * nothing; batches already given out may still be acked.
   */
  batches(stop: AbortSignal): AsyncIterable<Batch>;
}
