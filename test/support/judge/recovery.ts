import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';
import type { TimedComplete } from './append-times.ts';

/** When the sink could not be written to, milliseconds since the epoch. `ended`: it answers again. */
export interface Outage {
  readonly began: number;
  readonly ended: number;
}

export interface Recovery {
  readonly feed: string;
  /** From the end of the outage to the first complete of a batch that was not completed before; infinite: none came. */
  readonly ms: number;
}

/** What an outage and its aftermath leave to be judged of a drain. */
export interface OutageEvidence {
  readonly batches: readonly LedgerBatch[];
  readonly completes: readonly TimedComplete[];
}

const nameOf = ({ feed, batchId }: { readonly feed: string; readonly batchId: string }) => `${feed}/${batchId}`;

/** When each batch was first told complete. */
function firstCompletes(completes: readonly TimedComplete[]): ReadonlyMap<string, TimedComplete> {
  const firsts = new Map<string, TimedComplete>();
  for (const complete of completes) {
    const known = firsts.get(nameOf(complete));
    if (!known || complete.at < known.at) firsts.set(nameOf(complete), complete);
  }
  return firsts;
}

/** How long each feed took to flow again: those feeds that had something left when the outage ended. */
export function judgeRecovery({ ended }: Outage, { batches, completes }: OutageEvidence): readonly Recovery[] {
  const firsts = firstCompletes(completes);
  const recovered = new Map<string, number>();
  for (const { feed, batchId } of batches) {
    const at = firsts.get(nameOf({ feed, batchId }))?.at ?? Number.POSITIVE_INFINITY;
    if (at >= ended) recovered.set(feed, Math.min(at - ended, recovered.get(feed) ?? Number.POSITIVE_INFINITY));
  }
  return Array.from(recovered, ([feed, ms]) => ({ feed, ms }));
}

/** Those that took longer than `limitMs`. */
export function findSlow(recoveries: readonly Recovery[], limitMs: number): readonly Recovery[] {
  return recoveries.filter(({ ms }) => ms > limitMs);
}

/**
 * The batches (`feed/batchId`) that may have been written and not confirmed in an outage, so that they may be written
 * again: those that were open at any time in it, and the first of each feed that was completed after it.
 */
export function inDoubt(outage: Outage, { batches, completes }: OutageEvidence): ReadonlySet<string> {
  const { began, ended } = outage;
  const firsts = firstCompletes(completes);
  const doubted = new Set<string>();
  const past = new Set<string>();
  for (const batch of batches) {
    const fetched = batch.firstFetched?.at ?? Number.POSITIVE_INFINITY;
    const completed = firsts.get(nameOf(batch))?.at ?? Number.POSITIVE_INFINITY;
    const isFirstAfter = completed >= ended && !past.has(batch.feed);
    if (completed >= ended) past.add(batch.feed);
    if (isFirstAfter || (fetched <= ended && completed >= began)) doubted.add(nameOf(batch));
  }
  return doubted;
}

/** The batches that were handed out in an outage, by feed: it has one open, and has to wait with the next. */
export function handedOutDuring(
  { began, ended }: Outage,
  batches: readonly LedgerBatch[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { feed, firstFetched } of batches) {
    if (firstFetched && firstFetched.at > began && firstFetched.at < ended)
      counts.set(feed, (counts.get(feed) ?? 0) + 1);
  }
  return counts;
}
