import type { Batch } from '../core/batch.ts';
import { sha256Of } from '../core/digest.ts';
import type { BatchKey } from '../core/state.ts';

/**
 * What the ledger knows a batch by. Upstream may use an id again for other content, so the digest of the records is
 * part of it. Undefined where upstream has no name for its batches: the ledger is not asked.
 */
export function batchKey(batch: Batch): BatchKey | undefined {
  if (batch.upstreamId === undefined) return undefined;
  const records = batch.records.map((record) => record.bytes);
  return { feed: batch.feed, batchId: batch.upstreamId, digest: digestOf(records) };
}

/** Each record's own length goes in too: the same bytes cut in another way are another batch. */
function digestOf(records: readonly Uint8Array[]): string {
  const sizes = Buffer.from(JSON.stringify(records.map((bytes) => bytes.length)));
  return sha256Of([sizes, ...records], 'hex');
}
