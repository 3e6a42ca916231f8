import { type FenergoFeed, feedNames } from '../feeds.ts';
import type { World } from './api.ts';
import type { Fault } from './faults.ts';
import { type LedgerBatch, toLedgerBatch } from './ledger.ts';
import type { FillCommand } from './options.ts';
import type { RequestEntry } from './request-log.ts';

export interface FeedStats {
  readonly waiting: number;
  readonly openBatchId: string | null;
  readonly batches: number;
  readonly completedEvents: number;
}

export interface SimulatorStats {
  readonly feeds: Readonly<Record<FenergoFeed, FeedStats>>;
  readonly requests: number;
  readonly tokensIssued: number;
}

/** What drives and reads a simulator, in its process or over HTTP. */
export interface SimulatorControl {
  fill(command: FillCommand): void;
  /** Lets a batch of exactly these bytes wait. `batchId` is what complete must call it. */
  enqueue(feed: FenergoFeed, body: Uint8Array | string, batchId?: string): void;
  addFault(fault: Fault): void;
  /** Without a feed: all faults. */
  clearFaults(feed?: FenergoFeed): void;
  /** In the order in which the batches of each feed were handed out. */
  ledger(feed?: FenergoFeed): readonly LedgerBatch[];
  requests(feed?: FenergoFeed): readonly RequestEntry[];
  stats(): SimulatorStats;
  /** Resolves to true once nothing waits and every batch is completed, to false after `timeoutMs`. */
  drained(timeoutMs: number): Promise<boolean>;
}

/** Tells those who wait that the feeds may be empty now. */
export interface EmptyBell {
  ring(): void;
  wait(isEmpty: () => boolean, timeoutMs: number): Promise<boolean>;
}

export function createEmptyBell(): EmptyBell {
  const waiters = new Set<() => void>();
  return {
    ring: () => {
      for (const waiter of waiters) waiter();
    },
    wait(isEmpty, timeoutMs) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const look = (): void => {
        if (isEmpty()) resolve(true);
      };
      const timer = setTimeout(resolve, timeoutMs, false);
      waiters.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        waiters.delete(look);
      });
    },
  };
}

export function createControl({ queues, faults, gate, log }: World, bell: EmptyBell): SimulatorControl {
  const chosen = (feed: FenergoFeed | undefined): readonly FenergoFeed[] => (feed === undefined ? feedNames : [feed]);
  const isEmpty = (): boolean =>
    feedNames.every((feed) => queues[feed].waiting() === 0 && queues[feed].openBatchId() === undefined);
  return {
    fill: (command) => queues[command.feed].fill(command),
    enqueue: (feed, body, batchId) => queues[feed].enqueue(Buffer.from(body), batchId),
    addFault: (fault) => faults.add(fault),
    clearFaults: (feed) => faults.clear(feed),
    ledger: (feed) => chosen(feed).flatMap((name) => queues[name].entries.map(toLedgerBatch)),
    requests: (feed) => log.list(feed),
    stats() {
      const statsOf = (feed: FenergoFeed): FeedStats => ({
        waiting: queues[feed].waiting(),
        openBatchId: queues[feed].openBatchId() ?? null,
        batches: queues[feed].entries.length,
        completedEvents: queues[feed].completedEvents(),
      });
      const feeds = Object.fromEntries(feedNames.map((feed) => [feed, statsOf(feed)])) as SimulatorStats['feeds'];
      return { feeds, requests: log.total(), tokensIssued: gate.issued() };
    },
    drained: (timeoutMs) => bell.wait(isEmpty, timeoutMs),
  };
}
