import type { JobOutcome } from '../../src/core/envelope.ts';

/** The statuses that are documented. */
export const knownStatuses = ['JsonDataReady', 'ReportReady', 'AllDone', 'Failed'] as const;

/** What a status says of the whole session. Any other, also one that is not documented, is ok. */
export function outcomeOf(status: string): JobOutcome {
  if (status === 'Failed') return 'error';
  return status === 'JsonDataReady' || status === 'ReportReady' ? 'pending' : 'ok';
}
