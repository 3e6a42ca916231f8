import { type FenergoFeed, feedNames } from '../connectors/fenergo/feeds.ts';
import type { Simulator } from '../connectors/fenergo/simulator/simulator.ts';
import type { Word } from './words.ts';

/** Batches of one feed, by how far they are. */
export interface FeedProgress {
  readonly feed: FenergoFeed;
  /** What the platform says. */
  readonly fetched: number;
  readonly completed: number;
  /** What the bridge says: handed to its sink, and confirmed by it. */
  readonly published: number;
  readonly confirmed: number;
}

export interface Progress {
  /** Since the bridge was started last; undefined until it says that it runs. */
  pid(): number | undefined;
  hear(word: Word): void;
  /** Before the bridge is started again. */
  forgetBridge(): void;
  feeds(): readonly FeedProgress[];
  /** Batches that the sink refused, as `feed/batchId`. */
  readonly refused: ReadonlySet<string>;
  /** Batches that the ledger knew. */
  readonly recognised: ReadonlySet<string>;
  /** How many batches are confirmed. */
  confirmed(): number;
}

/** Follows what the platform and the bridge say. All batches have `batchSize` events. */
export function createProgress(simulator: Simulator, batchSize: number): Progress {
  const heard = {
    published: new Set<string>(),
    refused: new Set<string>(),
    confirmed: new Set<string>(),
    recognised: new Set<string>(),
  };
  let pid: number | undefined;

  function feeds(): readonly FeedProgress[] {
    const stats = simulator.stats().feeds;
    const count = (batches: ReadonlySet<string>, feed: string): number =>
      batches.values().reduce((sum, name) => sum + (name.startsWith(`${feed}/`) ? 1 : 0), 0);
    return feedNames.map((feed) => ({
      feed,
      fetched: stats[feed].batches,
      completed: stats[feed].completedEvents / batchSize,
      published: count(heard.published, feed),
      confirmed: count(heard.confirmed, feed),
    }));
  }

  return {
    pid: () => pid,
    hear(word) {
      if (word.word === 'started') pid = word.pid;
      else heard[word.word].add(`${word.feed}/${word.batchId}`);
    },
    forgetBridge() {
      pid = undefined;
    },
    feeds,
    refused: heard.refused,
    recognised: heard.recognised,
    confirmed: () => heard.confirmed.size,
  };
}
