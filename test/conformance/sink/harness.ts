import type { FeedName } from '../../../src/core/batch.ts';
import type { Receipt, Sink } from '../../../src/core/sink.ts';

/** An event as a consumer that knows nothing of the sink finds it at the broker. */
export interface StoredEvent {
  readonly id: string;
  readonly partitionkey: string;
  /** All that is stored of it, as it is stored: equal on a repeat. */
  readonly bytes: Uint8Array;
  /** The event's data alone, `data_base64` decoded. */
  readonly data: Uint8Array;
  /** The receipt that belongs to it, or the part of it that a consumer can know; absent where it can know nothing. */
  readonly receipt?: Receipt;
}

/** Why something cannot be tried with this sink: shown with the skipped test. */
export interface Unsupported {
  readonly unsupported: string;
}

export interface Outage {
  begin(): Promise<void>;
  end(): Promise<void>;
}

/** A sink of its own, to destinations that nobody else writes to. Disposing of it closes the sink and cleans up. */
export interface SinkFixture extends AsyncDisposable {
  readonly sink: Sink;
  /** Feeds that the sink has destinations for: at least two. */
  readonly feeds: readonly [FeedName, FeedName, ...FeedName[]];
  /** What a publish may take at most when the broker is away, in milliseconds. */
  readonly deadlineMs: number;
  /**
   * All that has been stored so far, read by something other than the client under test; repeats included. Events of
   * one partition key stand in the order in which they were stored.
   */
  read(): Promise<readonly StoredEvent[]>;
  /** The broker refuses, or cannot be reached, for a while. */
  readonly outage: Outage | Unsupported;
  /** The broker dies without warning and is started again. Both resolve when that has happened. */
  readonly crash: { kill(): Promise<void>; restart(): Promise<void> } | Unsupported;
  /** Size in bytes of data that the broker refuses as too large. */
  readonly oversize: { readonly bytes: number } | Unsupported;
  /** A sink whose destination is not there; findings and errors name it with `name`. */
  readonly missing: { open(): Promise<Sink>; readonly name: string } | Unsupported;
  /** Whether the broker keeps order at all. */
  readonly ordered: true | Unsupported;
}

export interface SinkHarness {
  /** The sink, its client and its broker, as in `kafka (kafkajs, 4.4.0)`. */
  readonly name: string;
  open(): Promise<SinkFixture>;
}

export function isUnsupported(capability: object | true): capability is Unsupported {
  return typeof capability === 'object' && 'unsupported' in capability;
}
