import type { FeedName } from '../core/batch.ts';

/** `halted`: stopped by a fatal error, probed again every few minutes. `paused`: stopped by an operator, also across restarts. */
export type FeedState = 'running' | 'paused' | 'halted';

/** Steers the feeds of a running daemon. Unknown names reject with FEED_UNKNOWN. */
export interface FeedControl {
  readonly feeds: readonly FeedName[];
  state(feed: FeedName): FeedState;
  /** Stops taking; resolves when nothing of the feed is in flight any more. */
  pause(feed: FeedName): Promise<void>;
  /** Ends a pause, and a halt before its probe is due. */
  resume(feed: FeedName): Promise<void>;
}
