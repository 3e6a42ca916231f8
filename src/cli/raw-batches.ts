import type { RawBatch } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import type { Operations } from '../operations/operations.ts';

/** Batches can be large, and travel as one answer. */
const pageSize = 2;

/** All raw batches of a feed that were fetched within a time, oldest first. */
export async function* rawBatchesOf(
  operations: Operations,
  feed: FeedName,
  time: { readonly from: Date; readonly to: Date },
): AsyncIterable<RawBatch> {
  let after: number | undefined;
  do {
    const page = await operations.rawBatches({ feed, ...time, after, limit: pageSize });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
