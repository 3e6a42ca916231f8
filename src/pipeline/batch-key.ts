import { hash } from 'node:crypto';
import type { Batch } from '../core/batch.ts';
import type { BatchKey } from '../core/state.ts';

/** Where records are put one behind the other to be hashed at once, without an allocation for each batch. */
const scratch = Buffer.allocUnsafeSlow(256 * 1024);

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
  const parts = [sizes, ...records];
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return hash('sha256', length <= scratch.length ? joined(parts) : Buffer.concat(parts), 'hex');
}

function joined(parts: readonly Uint8Array[]): Buffer {
  let end = 0;
  for (const part of parts) {
    scratch.set(part, end);
    end += part.length;
  }
  return scratch.subarray(0, end);
}
