import type { BridgeError } from './errors.ts';
import type { RawRecord } from './record.ts';

/** `pipeline/feed`, as in `fenergo/journey`. */
export type FeedName = `${string}/${string}`;

/**
 * The unit of acknowledgement. Whoever takes a batch calls exactly one of `ack` and `nack`, once.
 */
export interface Batch {
  readonly feed: FeedName;
  /**
   * Upstream's own name for the batch, the same when it is given again. Absent: upstream has none, and the ledger is not
   * asked.
   */
  readonly upstreamId?: string;
  /** Place of its first record in upstream's batch, where this is a part of one. Default: 0. */
  readonly offset?: number;
  /**
   * Cursor or spool offset after this batch: the mark that exactly-once keeps in the broker. Without `upstreamId`, what
   * tells its events from others of the same id, where ids name states.
   */
  readonly position?: string;
  /** Milliseconds since the epoch after which nobody waits for an answer any more. */
  readonly deadline?: number;
  /** Size of all records, for the bound on what is in flight. */
  readonly bytes: number;
  readonly records: readonly RawRecord[];
  /**
   * Tells upstream that every record is safe. Retried by itself until it worked, and never leads to a second publish.
   * Rejects with a fatal BridgeError when upstream keeps refusing, or when `signal` aborts.
   */
  ack(signal: AbortSignal): Promise<void>;
  /** Gives the batch back: nothing moves upstream, which will send it again. Never rejects. */
  nack(error: BridgeError): Promise<void>;
}
