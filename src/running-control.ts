import type { FeedName } from './core/batch.ts';
import { BridgeError } from './core/errors.ts';
import type { OpenedFeed } from './open-pipeline.ts';
import type { FeedControl } from './operations/feed-control.ts';
import type { FeedRunner } from './pipeline/feed-runner.ts';
import type { Report } from './telemetry/events.ts';

/** Steers the feeds that there are at present. Once `ending` has aborted none begins again: who held one lets go in vain. */
export function createRunningControl(
  feeds: ReadonlyMap<FeedName, OpenedFeed>,
  drainMs: number,
  report: Report,
  ending: AbortSignal,
): FeedControl {
  const runnerOf = (feed: FeedName): FeedRunner => {
    const opened = feeds.get(feed);
    if (opened) return opened.runner;
    throw new BridgeError('FEED_UNKNOWN', `there is no feed ${feed}`, {
      hint: `There are: ${[...feeds.keys()].join(', ')}`,
    });
  };
  return {
    get feeds() {
      return [...feeds.keys()];
    },
    state: (feed) => runnerOf(feed).state,
    async pause(feed) {
      await runnerOf(feed).stop(drainMs);
      report({ event: 'feed.paused', feed });
    },
    async resume(feed) {
      const runner = runnerOf(feed);
      if (ending.aborted) return;
      runner.resume();
      report({ event: 'feed.resumed', feed });
    },
  };
}
