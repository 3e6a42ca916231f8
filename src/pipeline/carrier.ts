import type { Batch } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import type { BatchKey } from '../core/state.ts';
import type { FanOutContext, Part } from './fan-out.ts';
import type { Share } from './route.ts';

export interface CarrierContext extends FanOutContext {
  /** Of what was refused before it was to be published. Not set aside yet. */
  readonly before: readonly DeadLetter[];
}

/** How the batches of a feed are published, and known when they come again: one way for each promise of delivery. */
export interface Carrier {
  /** Whether a batch has to be acked before the next one is taken. */
  readonly oneByOne: boolean;
  /**
   * To be called whenever the source is about to be asked. Retries what is retryable; rejects with a fatal BridgeError, or
   * with STOPPING when `signal` aborts.
   */
  open(signal: AbortSignal): Promise<void>;
  /** Where a batch is that was published before a crash, or before an ack that failed. */
  recognise(
    batch: Batch,
    key: BatchKey | undefined,
    signal: AbortSignal,
  ): Promise<{ readonly whereabouts: string } | undefined>;
  /**
   * The position of the batch that was published last, by the broker's own word; undefined where it does not say, or the
   * batch had none. To be asked when it is open.
   */
  position?(signal: AbortSignal): Promise<string | undefined>;
  /** Step 3 and 4: as `FanOut.publish`. */
  publish(
    batch: Batch,
    key: BatchKey | undefined,
    shares: readonly Share[],
    context: CarrierContext,
    signal: AbortSignal,
  ): Promise<readonly Part[]>;
  /** To be called when the feed has stopped; it may be opened again. */
  close(): Promise<void>;
}
