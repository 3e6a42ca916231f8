import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import type { Operations } from '../../../src/operations/operations.ts';

export const deadLetter: DeadLetter = {
  id: '12bed3b405d719b64e314ba3b1e0b39e',
  feed: 'fenergo/journey',
  status: 'open',
  source: '/fenergo/tenant/journey',
  code: 'RECORD_WITHOUT_ID',
  reason: 'notification 3 has no id',
  stage: 'normalise',
  attempts: 1,
  batchId: '1642925639481',
  index: 3,
  record: {
    bytes: Buffer.from([0xff, 0x00, 0x7b]),
    mediaType: 'application/json',
    headers: { 'content-type': 'application/json' },
    receivedAt: new Date('2026-01-01T00:00:00.123Z'),
  },
  envelope: null,
  firstAt: new Date('2026-01-01T00:00:01Z'),
  lastAt: new Date('2026-01-01T00:00:02Z'),
};

export interface Recorded {
  readonly operations: Operations;
  /** Method and arguments of every call. */
  readonly calls: unknown[][];
}

/** Operations that remember how they were called, with the answers that a test wants. */
export function recordedOperations(answers: Partial<Operations> = {}): Recorded {
  const calls: unknown[][] = [];
  const defaults: Operations = {
    feedState: async () => 'running',
    pause: async () => {},
    resume: async () => {},
    peek: async () => undefined,
    setAside: async () => ({ batchId: '1', deadLetterId: 'a' }),
    discard: async () => ({ attempts: 1, proof: 'empty' }),
    redrive: async (id) => ({ id, outcome: 'redriven', events: 1, about: 'out' }),
    discardDeadLetters: async (ids) => ids.length,
    deadLetterCounts: async () => [],
    deadLetters: async () => [deadLetter],
    deadLetter: async () => deadLetter,
    ledger: async () => [],
    trace: async () => [],
    spool: async () => ({
      maxBytes: 1_000,
      bytes: 10,
      timeToFullMs: 1.5,
      refusing: undefined,
      feeds: [{ feed: 'a/b', records: 1, bytes: 10, oldestAt: new Date(1), accepted: 3, released: 2, gaps: 0 }],
      quarantined: ['spool-1.db'],
    }),
    receipts: async () => ({ items: [], next: undefined }),
    unreceipted: async () => ({ batches: 0, expired: 0, items: [], next: undefined }),
    recordReplay: async () => {},
    rawBatches: async () => ({ items: [], next: undefined }),
    parkedKeys: async () => [],
    releaseKey: async () => ({ released: 1, outcome: 'released' }),
    register: async () => ({ change: 'created', id: 'w-1' }),
    unregister: async () => ({ change: 'withdrawn', id: '' }),
    reload: async () => ({ outcome: 'unchanged', findings: [], added: [], changed: [], removed: [], kept: [] }),
    cursors: async () => [],
    setCursor: async () => {},
    ...answers,
  };
  const operations = Object.fromEntries(
    Object.entries(defaults).map(([name, answer]) => [
      name,
      (...given: unknown[]) => {
        calls.push([name, ...given]);
        return (answer as (...args: unknown[]) => unknown)(...given);
      },
    ]),
  ) as unknown as Operations;
  return { operations, calls };
}
