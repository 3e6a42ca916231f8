import type { FeedName } from '../core/batch.ts';

/** Runs acts on the same feed one after the other, so that none ends a pause that another one relies on. */
export type FeedTurns = <T>(feed: FeedName, act: () => Promise<T>) => Promise<T>;

export function createFeedTurns(): FeedTurns {
  const last = new Map<FeedName, Promise<unknown>>();
  return (feed, act) => {
    const turn = (last.get(feed) ?? Promise.resolve()).then(act, act);
    last.set(feed, turn);
    return turn;
  };
}
