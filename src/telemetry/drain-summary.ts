import type { FeedName } from '../core/batch.ts';
import type { TelemetryEvent } from './events.ts';

const intervalMs = 30_000;

interface Tally {
  readonly startedAt: number;
  lastAt: number;
  batches: number;
  events: number;
  completed: number;
}

/** What a feed carried in an interval, in words and in fields. */
export interface DrainSummary {
  readonly message: string;
  readonly fields: {
    readonly event: 'feed.summary';
    readonly feed: FeedName;
    readonly events: number;
    readonly batches: number;
    readonly completed: number;
    readonly ms: number;
  };
}

const count = new Intl.NumberFormat('en');

function toSummary(feed: FeedName, { startedAt, lastAt, events, batches, completed }: Tally): DrainSummary {
  const ms = Math.max(lastAt - startedAt, 1);
  const rate = (events * 1_000) / ms;
  const rounded = count.format(rate < 10 ? Number(rate.toFixed(1)) : Math.round(rate));
  const message =
    `${feed}  ${count.format(events)} events in ${count.format(batches)} batches published ` +
    `in ${(ms / 1_000).toFixed(1)} s (${rounded}/s), ${count.format(completed)} completed`;
  return { message, fields: { event: 'feed.summary', feed, events, batches, completed, ms } };
}

/**
 * One line per feed for each 30 s in which it carried something, instead of one per batch. Told on the first event of
 * the feed after that time, and when the feed or the daemon stops. Gives those that are due at this event.
 */
export function createDrainSummary(now: () => number): (event: TelemetryEvent) => readonly DrainSummary[] {
  const tallies = new Map<FeedName, Tally>();

  function flush(feed: FeedName): DrainSummary[] {
    const tally = tallies.get(feed);
    tallies.delete(feed);
    return tally === undefined || tally.batches === 0 ? [] : [toSummary(feed, tally)];
  }

  function tallyOf(feed: FeedName): Tally {
    const known = tallies.get(feed);
    if (known !== undefined) return known;
    const fresh = { startedAt: now(), lastAt: now(), batches: 0, events: 0, completed: 0 };
    tallies.set(feed, fresh);
    return fresh;
  }

  function due(feed: FeedName): DrainSummary[] {
    const tally = tallies.get(feed);
    return tally !== undefined && now() - tally.startedAt >= intervalMs ? flush(feed) : [];
  }

  return (event) => {
    switch (event.event) {
      case 'batch.fetched': {
        const lines = due(event.feed);
        tallyOf(event.feed);
        return lines;
      }
      case 'batch.confirmed': {
        const tally = tallyOf(event.feed);
        tally.batches += 1;
        tally.events += event.events;
        tally.lastAt = now();
        return [];
      }
      case 'batch.completed': {
        const tally = tallyOf(event.feed);
        tally.completed += 1;
        tally.lastAt = now();
        return due(event.feed);
      }
      case 'feed.idle':
        return due(event.feed);
      case 'feed.halted':
      case 'feed.paused':
        return flush(event.feed);
      case 'daemon.stopped':
        return [...tallies.keys()].flatMap(flush);
      default:
        return [];
    }
  };
}
