import { hash } from 'node:crypto';
import type { Batch } from '../core/batch.ts';
import type { BatchKey } from '../core/state.ts';

/**
 * What the ledger knows a batch by. Upstream may use an id again for other content, so the digest of the records is
 * part of it. Undefined where upstream has no name for its batches: the ledger is not asked.
 */
export function batchKey(batch: Batch): BatchKey | undefined {
  if (batch.upstreamId === undefined) return undefined;
  const records = batch.records.map((record) => record.bytes);
  const sizes = Buffer.from(JSON.stringify(records.map((bytes) => bytes.length)));
  return {
    feed: batch.feed,
    batchId: batch.upstreamId,
    digest: hash('sha256', Buffer.concat([sizes, ...records]), 'hex'),
  };
}
