import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';

const moment = { at: 0, order: 1 };

/** A batch that upstream has handed out, and that was completed. */
export function sampleBatch(feed: LedgerBatch['feed'], batchId: string, ...eventIds: string[]): LedgerBatch {
  return {
    feed,
    batchId,
    eventIds,
    firstFetched: moment,
    fetches: 1,
    completed: moment,
    completedBy: 'client',
    completeCalls: 1,
  };
}
