import { hash } from 'node:crypto';
import type { Batch } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { Outcome } from '../core/normalise.ts';
import type { RawRecord } from '../core/record.ts';
import type { SpoolEntry } from '../core/spool.ts';

/** What tells the records of a feed apart. */
export type Identifying = Pick<FeedDefinition, 'source' | 'normalise'> & {
  readonly ids?: FeedDefinition['ids'] | undefined;
};

/** The records of a batch as the spool takes them: normalised for what they are recognised by, and for nothing else. */
export function spoolEntries(batch: Batch, feed: Identifying): readonly SpoolEntry[] {
  const { upstreamId, offset = 0 } = batch;
  return batch.records.map((record, at) => {
    const index = offset + at;
    const outcomes = feed.normalise(record, { batchId: upstreamId, index });
    const identity = identityOf(
      record,
      outcomes,
      feed,
      upstreamId === undefined ? undefined : `${upstreamId}/${index}`,
    );
    return { record, batchId: upstreamId ?? '', index, ...(identity && { identity }) };
  });
}

/**
 * That of the first event; of what makes none, its bytes. An id that names a state is told from the same state reached
 * again by the place where it came from, as everywhere; only where upstream has no names for its batches does the spool
 * compare it with the last state of its key.
 */
function identityOf(
  { bytes }: RawRecord,
  outcomes: readonly Outcome[],
  { source, ids }: Identifying,
  occurrence: string | undefined,
): SpoolEntry['identity'] {
  const event = outcomes.find((outcome) => outcome.kind === 'event');
  if (!event) return { source, id: `sha256 ${hash('sha256', bytes)}`, kind: 'event', partitionkey: '' };
  const { id, source: of, partitionkey } = event.envelope.attributes;
  if (ids !== 'state') return { source: of, id, kind: 'event', partitionkey };
  if (occurrence === undefined) return { source: of, id, kind: 'state', partitionkey };
  return { source: of, id: `${occurrence} ${id}`, kind: 'event', partitionkey };
}
