import type { FeedName } from '../../../src/core/batch.ts';
import type { Envelope } from '../../../src/core/envelope.ts';
import type { TransactionalSink } from '../../../src/core/fenced-writer.ts';

/** A place of its own at a real broker, for one test. */
export interface TransactionsFixture extends AsyncDisposable {
  readonly feed: FeedName;
  /** Of the sink's transactions. */
  readonly deadlineMs: number;
  /** As another process would; the fixture disposes of them. */
  open(): Promise<TransactionalSink>;
  /** With `n` as its id; events go to several partitions or the like, by `n`. */
  event(n: number, bytes?: number): Envelope;
  /** What consumers see that see only what is committed: ids, in order within each partition. Waits for nothing to be open. */
  committed(): Promise<readonly (readonly string[])[]>;
  /** An event of so many bytes is refused. */
  readonly oversize: number;
  readonly outage: { begin(): Promise<void>; end(): void };
}

/** What the suite is run against. */
export interface TransactionsHarness {
  readonly name: string;
  open(): Promise<TransactionsFixture>;
}
