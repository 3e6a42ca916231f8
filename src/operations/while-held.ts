import type { FeedName } from '../core/batch.ts';
import type { FeedControl } from './feed-control.ts';

/**
 * Runs an act while nothing of the feed is taken or in flight, and leaves the feed as it was, also when the act fails.
 * One that was halted is probed at once: the act was probably the way out. Without a control nothing runs anyway.
 */
export async function whileHeld<T>(
  control: FeedControl | undefined,
  feed: FeedName,
  act: () => Promise<T>,
): Promise<T> {
  if (control === undefined || control.state(feed) === 'paused') return act();
  await control.pause(feed);
  try {
    return await act();
  } finally {
    await control.resume(feed);
  }
}
