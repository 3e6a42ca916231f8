import type { FeedName } from '../../src/core/batch.ts';
import type { DeadLetter } from '../../src/core/dead-letter.ts';
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts';
import type { BatchKey, Cursors, DeadLetters, Ledger, LedgerEntry, LedgerPart } from '../../src/core/state.ts';

/** The parts of the state that the pipeline uses, in memory. They write down their calls, and fail when told to. */
export interface MemoryState {
  readonly ledger: Ledger;
  readonly deadLetters: DeadLetters;
  readonly cursors: Cursors;
  readonly entries: ReadonlyMap<string, LedgerEntry>;
  readonly parts: readonly LedgerPart[];
  readonly letters: readonly DeadLetter[];
  readonly positions: ReadonlyMap<FeedName, string>;
  /** Has the next `times` calls of a method (`ledger.find`) reject with this code. */
  fail(method: string, code: ErrorCode, times?: number): void;
}

export function createMemoryState(calls: string[] = []): MemoryState {
  const entries = new Map<string, LedgerEntry>();
  const parts: LedgerPart[] = [];
  const letters: DeadLetter[] = [];
  const positions = new Map<FeedName, string>();
  const failures = new Map<string, { code: ErrorCode; left: number }>();
  const nameOf = ({ feed, batchId, digest }: BatchKey) => JSON.stringify([feed, batchId, digest]);

  async function called(method: string) {
    calls.push(method);
    const failure = failures.get(method);
    if (failure === undefined || failure.left-- <= 0) return;
    throw new BridgeError(failure.code, `${method} failed`);
  }

  return {
    entries,
    parts,
    letters,
    positions,
    fail(method, code, times = Number.POSITIVE_INFINITY) {
      failures.set(method, { code, left: times });
    },
    ledger: {
      async find(key) {
        await called('ledger.find');
        return entries.get(nameOf(key));
      },
      async findParts(key) {
        await called('ledger.findParts');
        return parts.filter((part) => nameOf(part) === nameOf(key));
      },
      async enterPart(part) {
        await called(`ledger.enterPart ${part.destination}`);
        parts.push(part);
      },
      async enter(entry) {
        await called('ledger.enter');
        if (!entries.has(nameOf(entry))) entries.set(nameOf(entry), { ...entry, completedAt: null });
      },
      async complete(key, at) {
        await called('ledger.complete');
        const entry = entries.get(nameOf(key));
        if (entry) entries.set(nameOf(key), { ...entry, completedAt: at });
      },
      list: async () => [...entries.values()],
      prune: async () => 0,
    },
    deadLetters: {
      async add(added) {
        await called('deadLetters.add');
        letters.push(...added);
      },
      failedAgain: async () => {},
      close: async () => [],
      list: async () => letters,
      get: async (id) => letters.findLast((letter) => letter.id === id),
      counts: async () => [],
      parkedKeys: async () => [],
      parked: async () => [],
      prune: async () => 0,
    },
    cursors: {
      async get(feed) {
        await called('cursors.get');
        return positions.get(feed);
      },
      async set(feed, position) {
        await called(`cursors.set ${position}`);
        positions.set(feed, position);
      },
      list: async () => [],
    },
  };
}
