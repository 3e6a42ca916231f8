import type { Batch } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { BatchKey } from '../core/state.ts';

const positioned = 'position ';

/**
 * What the broker knows a batch by that is written there exactly once: its position where it has one, else its name with
 * the digest of its content. Throws INTERNAL for one that has neither.
 */
export function batchMark({ feed, position }: Batch, key: BatchKey | undefined): string {
  if (position !== undefined) return positioned + position;
  if (key) return `batch ${key.digest} ${key.batchId}`;
  throw new BridgeError(
    'INTERNAL',
    `a batch of ${feed} has neither a name nor a position: it could not be known again`,
  );
}

/** The position that a mark was made of; undefined where it was made of something else. */
export function positionOf(mark: string | undefined): string | undefined {
  return mark?.startsWith(positioned) ? mark.slice(positioned.length) : undefined;
}
