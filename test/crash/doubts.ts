import type { DoubledBatch } from '../support/judge/judge.ts';
import { readLedger, readLedgerParts } from '../support/judge/ledger-copy.ts';
import { inDoubt, type Outage, type OutageEvidence } from '../support/judge/recovery.ts';

/** Which batches (`feed/batchId`) may be at a broker more than once, and how many times more. */
export interface Doubts {
  add(name: string, times: number): void;
  /**
   * After a kill of the bridge: those of the open batches once more that the ledger does not have, whole or, where there
   * are several destinations, as done at this broker.
   */
  addAfterDeath(open: readonly string[], stateDir: string, broker: string): Promise<void>;
  /** How many times more, of all batches together: infinite where a fault has no bound. */
  bound(evidence: OutageEvidence): number;
  /** What is open in an outage may be there so many times more. */
  addOutage(outage: Outage, times: number): void;
  /** Those that are there more often than they may. */
  unexcused(doubled: readonly DoubledBatch[], evidence: OutageEvidence): readonly DoubledBatch[];
}

export function createDoubts(): Doubts {
  const added = new Map<string, number>();
  const outages: { readonly outage: Outage; readonly times: number }[] = [];

  function add(name: string, times: number): void {
    added.set(name, (added.get(name) ?? 0) + times);
  }

  return {
    add,
    async addAfterDeath(open, stateDir, broker) {
      const ledger = await readLedger(stateDir);
      const parts = await readLedgerParts(stateDir);
      for (const name of open) if (!ledger.has(name) && !parts.has(`${name} at ${broker}`)) add(name, 1);
    },
    addOutage: (outage, times) => void outages.push({ outage, times }),
    bound(evidence) {
      const single = [...added.values()].reduce((sum, times) => sum + times, 0);
      return outages.reduce((sum, { outage, times }) => sum + inDoubt(outage, evidence).size * times, single);
    },
    unexcused(doubled, evidence) {
      const found = outages.map(({ outage, times }) => ({ names: inDoubt(outage, evidence), times }));
      const allowed = (name: string) =>
        found.reduce((sum, { names, times }) => sum + (names.has(name) ? times : 0), added.get(name) ?? 0);
      return doubled.filter(({ feed, batchId, extra }) => extra > allowed(`${feed}/${batchId}`));
    },
  };
}
