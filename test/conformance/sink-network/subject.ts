import type { FeedName } from '../../../src/core/batch.ts';
import type { Sink } from '../../../src/core/sink.ts';
import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import type { StoredEvent, Unsupported } from '../sink/harness.ts';

/** A sink with a network of its own to its broker. Disposing of it cleans up; the sink is closed before. */
export interface FaultSubject extends AsyncDisposable {
  /** Connects through `proxy` only. Its deadline for a confirm should be 1 to 2 s. */
  readonly sink: Sink;
  /** Healed when the subject is handed over. */
  readonly proxy: FaultProxy;
  readonly feeds: readonly FeedName[];
  /**
   * All that has been stored so far, read round the proxy, by something other than the client under test; repeats
   * included. Events of one partition key stand in the order in which they were stored.
   */
  read(): Promise<readonly StoredEvent[]>;
  /** Whether the broker keeps order at all. */
  readonly ordered: true | Unsupported;
}

export interface FaultHarness {
  /** The sink, its client and its broker, as in `kafka (kafkajs)`. */
  readonly name: string;
  open(): Promise<FaultSubject>;
}
