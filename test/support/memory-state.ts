import type { FeedName } from '../../src/core/batch.ts';
import type { DeadLetter } from '../../src/core/dead-letter.ts';
import { BridgeError, type ErrorCode } from '../../src/core/errors.ts';
import type {
  BatchKey,
  Cursors,
  DeadLetters,
  Ledger,
  LedgerEntry,
  LedgerPart,
  ParkedKey,
  RepeatedFailure,
} from '../../src/core/state.ts';

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

function failed(letter: DeadLetter, { destination, ...failure }: RepeatedFailure): Partial<DeadLetter> {
  return { ...failure, attempts: letter.attempts + 1, ...(destination !== undefined && { destination }) };
}

function parkedOf(letters: readonly DeadLetter[], feed: string, destination: string, key: string) {
  return letters.filter(
    (letter) =>
      letter.status === 'parked' &&
      letter.feed === feed &&
      letter.destination === destination &&
      letter.partitionKey === key,
  );
}

function parkedKeysOf(letters: readonly DeadLetter[]): readonly ParkedKey[] {
  const keys = new Map<string, ParkedKey>();
  for (const { feed, status, destination, partitionKey: key, firstAt: since } of letters) {
    if (status !== 'parked' || destination === undefined || key === undefined) continue;
    const name = JSON.stringify([feed, destination, key]);
    const { length: count } = parkedOf(letters, feed, destination, key);
    if (!keys.has(name)) keys.set(name, { feed, destination, key, count, since });
  }
  return [...keys.values()];
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

  /** What is parked keeps its place, and what is closed stays as it is; all else is only put behind. */
  function place(letter: DeadLetter) {
    const at = letter.status === 'parked' ? letters.findIndex(({ id }) => id === letter.id) : -1;
    const known = letters[at];
    if (!known) letters.push(letter);
    else if (known.status === 'parked' && (letter.stage !== 'parked' || known.stage === 'parked')) {
      letters[at] = { ...letter, firstAt: known.firstAt };
    }
  }

  function replace(id: string, change: (letter: DeadLetter) => DeadLetter) {
    letters.forEach((letter, at) => {
      if (letter.id === id && letter.closedAt === undefined) letters[at] = change(letter);
    });
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
      range: async () => ({ items: [...entries.values()] }),
      prune: async () => 0,
    },
    deadLetters: {
      async add(added) {
        await called('deadLetters.add');
        for (const letter of added) place(letter);
      },
      async failedAgain(id, failure) {
        await called('deadLetters.failedAgain');
        replace(id, (letter) => ({ ...letter, ...failed(letter, failure) }));
      },
      async close(ids, { status, reason, at }) {
        await called('deadLetters.close');
        for (const id of ids) replace(id, (letter) => ({ ...letter, status, closedReason: reason, closedAt: at }));
        return ids;
      },
      list: async () => letters,
      get: async (id) => letters.findLast((letter) => letter.id === id),
      counts: async () => [],
      parkedKeys: async () => parkedKeysOf(letters),
      parked: async (feed, destination, key, limit) => parkedOf(letters, feed, destination, key).slice(0, limit),
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
      list: async () => [...positions].map(([feed, position]) => ({ feed, position, setAt: new Date(0) })),
    },
  };
}
