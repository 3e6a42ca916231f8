import type { RecordContext } from '../core/normalise.ts';

/** A record for messages, as `event 3 of batch 77`. */
export function recordName({ index, batchId }: RecordContext): string {
  return batchId === undefined ? `event ${index}` : `event ${index} of batch ${batchId}`;
}
