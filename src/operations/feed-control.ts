import type { FeedName } from '../core/batch.ts';
import type { FeedState } from '../core/feed-state.ts';

/** Steers the feeds of a running daemon. Unknown names reject with FEED_UNKNOWN. */
export interface FeedControl {
  readonly feeds: readonly FeedName[];
  state(feed: FeedName): FeedState;
  /** Stops taking; resolves when nothing of the feed is in flight any more. */
  pause(feed: FeedName): Promise<void>;
  /** Ends a pause, and a halt before its probe is due. */
  resume(feed: FeedName): Promise<void>;
}
