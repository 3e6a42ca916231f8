import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { BatchKey, Ledger, LedgerEntry, LedgerPart } from '../core/state.ts';
import { newestFirst } from './ledger.ts';

/** Entries kept in memory at most; then the oldest is dropped. */
const capacity = 10_000;
/** Remembered entries that are written after one that worked: not so many that the feeds would feel it. */
const retriesPerEnter = 100;

function nameOf({ feed, batchId, digest }: BatchKey): string {
  return JSON.stringify([feed, batchId, digest]);
}

/**
 * A ledger whose `enter`, `enterPart` and `complete` never reject: the events are at the broker, and a disk that is full must not
 * hold up the ack. What cannot be written is kept in memory, found there, and written with later entries. `onFailure`
 * hears of every failed write. `find` still rejects: "not found" would publish a batch twice.
 */
export function rememberingLedger(ledger: Ledger, onFailure: (error: BridgeError, key: BatchKey) => void): Ledger {
  const remembered = new Map<string, LedgerEntry>();
  /** Until the whole batch is entered; not written later, since that comes soon. */
  const parts = new Map<string, readonly LedgerPart[]>();

  function remember(entry: LedgerEntry): void {
    remembered.set(nameOf(entry), entry);
    const [oldest] = remembered.keys();
    if (remembered.size > capacity && oldest !== undefined) remembered.delete(oldest);
  }

  async function attempt(key: BatchKey, write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      return true;
    } catch (error) {
      onFailure(toBridgeError(error), key);
      return false;
    }
  }

  async function writeRemembered(): Promise<void> {
    for (const [name, entry] of [...remembered].slice(0, retriesPerEnter)) {
      if (!(await attempt(entry, () => ledger.enter(entry)))) return;
      // It may have been completed meanwhile; from here on `complete` goes to the ledger.
      const completedAt = remembered.get(name)?.completedAt;
      remembered.delete(name);
      if (completedAt) await attempt(entry, () => ledger.complete(entry, completedAt));
    }
  }

  return {
    async find(key) {
      return (remembered.size > 0 ? remembered.get(nameOf(key)) : undefined) ?? ledger.find(key);
    },
    async findParts(key) {
      const kept = parts.get(nameOf(key)) ?? [];
      return [...kept, ...(await ledger.findParts(key))];
    },
    async enterPart(part) {
      if (await attempt(part, () => ledger.enterPart(part))) return;
      const name = nameOf(part);
      parts.set(name, [...(parts.get(name) ?? []), part]);
      const [oldest] = parts.keys();
      if (parts.size > capacity && oldest !== undefined) parts.delete(oldest);
    },
    async enter(entry) {
      if (parts.size > 0) parts.delete(nameOf(entry));
      if (await attempt(entry, () => ledger.enter(entry))) await writeRemembered();
      else remember({ ...entry, completedAt: null });
    },
    async complete(key, at) {
      const entry = remembered.size > 0 ? remembered.get(nameOf(key)) : undefined;
      if (entry) remembered.set(nameOf(key), { ...entry, completedAt: at });
      else await attempt(key, () => ledger.complete(key, at));
    },
    async list(filter) {
      const kept = [...remembered.values()].filter(({ feed }) => filter.feed === undefined || feed === filter.feed);
      return [...kept, ...(await ledger.list(filter))].sort(newestFirst).slice(0, filter.limit);
    },
    range: (query) => ledger.range(query),
    prune: (before) => ledger.prune(before),
  };
}
