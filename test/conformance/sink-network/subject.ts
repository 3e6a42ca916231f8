import type { FeedName } from '../../../src/core/batch.ts';
import type { Sink } from '../../../src/core/sink.ts';
import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import type { StoredEvent, Unsupported } from '../sink/harness.ts';

/** A sink that feeds publish to while something goes wrong. Disposing of it cleans up; the sink is closed before. */
export interface StreamSubject extends AsyncDisposable {
  /** Its deadline for a confirm should be 1 to 2 s. */
  readonly sink: Sink;
  readonly feeds: readonly FeedName[];
  /**
   * All that has been stored so far, by something other than the client under test; repeats included. Events of one
   * partition key stand in the order in which they were stored.
   */
  read(): Promise<readonly StoredEvent[]>;
  /** Whether the broker keeps order at all. */
  readonly ordered: true | Unsupported;
}

/** A sink with a network of its own to its broker; `read` goes round it. */
export interface FaultSubject extends StreamSubject {
  /** The sink connects through it only. Healed when the subject is handed over. */
  readonly proxy: FaultProxy;
}

export interface FaultHarness {
  /** The sink, its client and its broker, as in `kafka (kafkajs)`. */
  readonly name: string;
  open(): Promise<FaultSubject>;
}
