import type { FeedName } from '../../core/batch.ts';
import type { Arrived } from './inbox.ts';

/** A connection whose reader has been stopped, and that goes on reading until another one takes its place. */
export interface LeftConnection {
  /** What it has read since, in order. */
  readonly arrived: readonly Arrived[];
  /** Resolves when it is closed, by whomever. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Lets a stream be read on while its pipeline is replaced: the new connection is open before the old one is closed. */
export interface Handover extends AsyncDisposable {
  /** The pipeline of this feed is about to be replaced: its connection is to be left here. */
  expect(feed: FeedName): void;
  isExpected(feed: FeedName): boolean;
  /** Closed by itself when nobody comes for it. */
  leave(feed: FeedName, connection: LeftConnection): void;
  /** Gives it away; whoever takes it closes it. */
  take(feed: FeedName): LeftConnection | undefined;
  /** Resolves when the connection that is left of the feed has ended; undefined: there is none. */
  left(feed: FeedName): Promise<void> | undefined;
}

/** So long a connection waits to be taken. Milliseconds. */
const patienceMs = 30_000;

export function createHandover(waitMs: number = patienceMs): Handover {
  const expected = new Set<FeedName>();
  const waiting = new Map<FeedName, LeftConnection>();

  function take(feed: FeedName): LeftConnection | undefined {
    expected.delete(feed);
    const connection = waiting.get(feed);
    waiting.delete(feed);
    return connection;
  }

  return {
    expect: (feed) => void expected.add(feed),
    isExpected: (feed) => expected.has(feed),
    leave(feed, connection) {
      take(feed)?.close();
      waiting.set(feed, connection);
      const timer = setTimeout(() => connection.close(), waitMs);
      void connection.ended.then(() => {
        clearTimeout(timer);
        if (waiting.get(feed) === connection) waiting.delete(feed);
      });
    },
    take,
    left: (feed) => waiting.get(feed)?.ended,
    async [Symbol.asyncDispose]() {
      const all = [...waiting.values()];
      waiting.clear();
      for (const connection of all) connection.close();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
