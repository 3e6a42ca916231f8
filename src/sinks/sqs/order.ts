import { digestId, sha256hex } from '../../core/digest.ts';
import type { Envelope } from '../../core/envelope.ts';
import type { Address } from '../../core/sink.ts';

/** What a message for a FIFO queue has besides. */
export interface Order {
  /** Of a group, SQS hands out one message after the other. */
  readonly group: string;
  /** SQS swallows a message whose deduplication id it has seen within 5 minutes, whatever it holds. */
  readonly deduplicationId: string;
}

/** A partition key that SQS does not take as it is becomes its SHA-256: equal keys are one group all the same. */
export function groupOf(partitionkey: string): string {
  return /^[\x21-\x7e]{1,128}$/.test(partitionkey) ? partitionkey : sha256hex(Buffer.from(partitionkey));
}

/** `occurrence` as of `Sink.route`: a state that is reached again is no repeat. */
export function orderOf({ attributes }: Envelope, occurrence: string | undefined): Order {
  const { id, source, partitionkey } = attributes;
  const named = occurrence === undefined ? [source, id] : [source, id, occurrence];
  return { group: groupOf(partitionkey), deduplicationId: digestId(named) };
}

/** Undefined for a standard queue. */
export function orderIn({ group, deduplicationId }: Address): Order | undefined {
  return group === undefined || deduplicationId === undefined ? undefined : { group, deduplicationId };
}
