import type { SeenEvent } from '../sighting.ts';

/** What a consumer would see of some records that read what is committed only. */
export interface ReadRecords {
  /** Ascending. Undefined: what is there is no event. */
  readonly events: readonly { readonly offset: number; readonly seen: SeenEvent | undefined }[];
  /** Up to here, exclusive, there is nothing else; undefined: nothing was given. */
  readonly next: number | undefined;
}

/** One partition, as its leader has it. */
export interface PartitionView {
  /** The first offset that is still kept. */
  start(): Promise<number>;
  /** Where that which is decided ends: what follows is in a transaction that is open, or is not there. */
  decided(): Promise<number>;
  /** After the last record, whatever becomes of it. */
  end(): Promise<number>;
  /** From an offset on, and perhaps some before it. */
  read(from: number): Promise<ReadRecords>;
}

/**
 * Reads without a group, so that no consumer is disturbed. Rejects with a BridgeError; DESTINATION_MISSING: there is no
 * such topic or partition. When `signal` aborts, its reason is a BridgeError.
 */
export interface TopicReader {
  open(topic: string, partition: number, signal: AbortSignal): Promise<PartitionView>;
  /** Whether older events with the same key may be removed; undefined where the broker does not say. */
  isCompacted(topic: string, signal: AbortSignal): Promise<boolean | undefined>;
  close(): Promise<void>;
}
