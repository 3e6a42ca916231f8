import { randomUUID } from 'node:crypto';
import type { Batch } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { NormalisedEvent } from './normalise.ts';

/**
 * One text for each event where ids name states: the batch and the record in it, the same when the batch is given again.
 * A batch that upstream has no name for cannot be known again: better that its events come twice than that a state which
 * is reached again is taken for a repeat. Undefined where ids name events.
 */
export function occurrencesOf(
  { upstreamId, offset = 0, position }: Batch,
  events: readonly NormalisedEvent[],
  ids: FeedDefinition['ids'],
): readonly string[] | undefined {
  if (ids !== 'state') return undefined;
  const name = upstreamId ?? position ?? randomUUID();
  return events.map(({ index }) => `${name}/${offset + index}`);
}
