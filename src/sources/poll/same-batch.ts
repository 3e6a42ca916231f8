import type { PolledBatch } from '../../core/poll-protocol.ts';

/** Whether upstream hands out the same batch again: the same id, position and content. */
export function isSameBatch(batch: PolledBatch, other: PolledBatch | undefined): boolean {
  if (other?.upstreamId !== batch.upstreamId || other?.position !== batch.position) return false;
  if (other?.records.length !== batch.records.length) return false;
  return batch.records.every((record, index) => {
    const counterpart = other.records[index];
    return counterpart !== undefined && Buffer.compare(record.bytes, counterpart.bytes) === 0;
  });
}
