import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';
import type { StoredEvent, WitnessedComplete } from './judge.ts';

/** `appendedAt`: by the broker's clock, milliseconds since the epoch, rounded down. */
export interface AppendedEvent extends StoredEvent {
  readonly appendedAt: number;
}

/** `at`: when it arrived upstream, by the same clock. */
export interface TimedComplete {
  readonly feed: string;
  readonly batchId: string;
  readonly at: number;
}

/**
 * What the broker had of each batch when its complete arrived, told afterwards by when it appended what. Within the
 * same millisecond the complete counts as the later one.
 */
export function judgeByAppendTimes(
  completes: readonly TimedComplete[],
  batches: readonly LedgerBatch[],
  stored: readonly AppendedEvent[],
): readonly WitnessedComplete[] {
  const firstAppends = new Map<string, number>();
  for (const { feed, id, appendedAt } of stored) {
    const name = `${feed}/${id}`;
    firstAppends.set(name, Math.min(appendedAt, firstAppends.get(name) ?? appendedAt));
  }
  const idsOf = new Map(batches.map(({ feed, batchId, eventIds }) => [`${feed}/${batchId}`, eventIds]));
  return completes.map(({ feed, batchId, at }) => {
    const ids = idsOf.get(`${feed}/${batchId}`) ?? [];
    const isAbsent = (id: string) => (firstAppends.get(`${feed}/${id}`) ?? Number.POSITIVE_INFINITY) > at;
    return { feed, batchId, absent: ids.filter(isAbsent) };
  });
}
