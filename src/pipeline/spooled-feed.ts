import type { FeedState } from '../core/feed-state.ts';
import type { Report } from '../telemetry/events.ts';
import type { FeedRunner } from './feed-runner.ts';

/** The two stages of a feed that is spooled, as one: they are paused and resumed together, and each halts alone. */
export function createSpooledFeed(intake: FeedRunner, drain: FeedRunner): FeedRunner {
  return {
    feed: intake.feed,
    get state(): FeedState {
      const states = [intake.state, drain.state];
      if (states.includes('halted')) return 'halted';
      return states.includes('running') ? 'running' : 'paused';
    },
    resume() {
      intake.resume();
      drain.resume();
    },
    async stop(graceMs) {
      const ends = await Promise.all([intake.stop(graceMs), drain.stop(graceMs)]);
      return { drained: ends.every(({ drained }) => drained) };
    },
  };
}

/** What the second stage says of itself: it speaks of the spool where the first one speaks of upstream. */
export function drainReport(report: Report): Report {
  return (event) => {
    switch (event.event) {
      case 'feed.started':
      case 'batch.fetched':
        return;
      case 'feed.idle':
        return report({ event: 'spool.drained', feed: event.feed });
      case 'feed.halted':
        return report({ ...event, stage: 'drain' });
      case 'batch.completed':
        return report({ ...event, event: 'batch.released' });
      default:
        return report(event);
    }
  };
}
