import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { BatchKey, Ledger, LedgerEntry } from '../core/state.ts';
import type { Database } from './database.ts';
import { createLedgerParts } from './ledger-parts.ts';

/** A ledger that holds completions back for a moment: `flush` writes them now. */
export interface FlushableLedger extends Ledger {
  /** What the disk refuses is kept for the next time: a completion is worth no failure. */
  flush(): void;
}

type NewLedgerEntry = Omit<LedgerEntry, 'completedAt'>;

interface LedgerRow {
  readonly entry: number;
  readonly feed: string;
  readonly batch_id: string;
  readonly digest: string;
  readonly events: number;
  readonly whereabouts: string;
  readonly published_at: number;
  readonly completed_at: number | null;
}

/** Entries that one prune looks at: some 5 ms of the main thread. */
const pruneChunk = 2_000;

/**
 * Completions are written together: so many at a time, or after so many milliseconds. One that is lost in a crash
 * leaves its entry open, which changes nothing: upstream does not hand out that batch again.
 */
const completionGroup = 100;
const completionDelayMs = 1_000;

/** Completions held back while the disk fails; then the oldest is dropped. */
const mostCompletions = 10_000;

function toEntry(row: LedgerRow): LedgerEntry {
  return {
    feed: row.feed as FeedName,
    batchId: row.batch_id,
    digest: row.digest,
    events: row.events,
    whereabouts: row.whereabouts,
    publishedAt: new Date(row.published_at),
    completedAt: row.completed_at === null ? null : new Date(row.completed_at),
  };
}

/** Newest first; what has the same time, by batch id, so that the order is the same each time. */
export function newestFirst(a: LedgerEntry, b: LedgerEntry): number {
  const byTime = b.publishedAt.getTime() - a.publishedAt.getTime();
  if (byTime !== 0 || a.batchId === b.batchId) return byTime;
  return a.batchId < b.batchId ? 1 : -1;
}

function nameOf(feed: string, batchId: string, digest: string): string {
  return `${feed} ${batchId} ${digest}`;
}

export function createLedger(database: Database): FlushableLedger {
  const find = database.prepare<LedgerRow>('SELECT * FROM ledger WHERE feed = ? AND batch_id = ? AND digest = ?');
  const enter = database.prepare(`
    INSERT INTO ledger (feed, batch_id, digest, events, whereabouts, published_at)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const complete = database.prepare(
    'UPDATE ledger SET completed_at = ? WHERE feed = ? AND batch_id = ? AND digest = ? AND completed_at IS NULL',
  );
  const newest = database.prepare<LedgerRow>('SELECT * FROM ledger ORDER BY entry DESC LIMIT ?');
  const newestOf = database.prepare<LedgerRow>('SELECT * FROM ledger WHERE feed = ? ORDER BY entry DESC LIMIT ?');
  // Without an index by time, which each batch would pay for: so many entries of all feeds are looked at.
  const following = database.prepare<LedgerRow>('SELECT * FROM ledger WHERE entry > ? ORDER BY entry LIMIT ?');
  // An open entry that a later one of its feed has followed was completed too: upstream went on.
  const prune = database.prepare(`
    DELETE FROM ledger WHERE entry IN (SELECT entry FROM ledger ORDER BY entry LIMIT ?) AND published_at < ?
      AND (completed_at < ? OR completed_at IS NULL
        AND EXISTS (SELECT 1 FROM ledger AS later WHERE later.feed = ledger.feed AND later.entry > ledger.entry))`);

  const parts = createLedgerParts(database);
  const completions = new Map<string, { readonly key: BatchKey; readonly at: number }>();
  let timer: NodeJS.Timeout | undefined;

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    if (completions.size === 0) return;
    database.transaction(() => {
      for (const { key, at } of completions.values()) complete.run(at, key.feed, key.batchId, key.digest);
    });
    completions.clear();
  }

  function flush(): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof BridgeError)) throw error;
    }
  }

  function insert({ feed, batchId, digest, events, whereabouts, publishedAt }: NewLedgerEntry): void {
    const added = enter.run(feed, batchId, digest, events, whereabouts, publishedAt.getTime());
    if (added > 0 && completions.size > 0) completions.delete(nameOf(feed, batchId, digest));
    parts.drop({ feed, batchId, digest });
  }

  let group: { readonly entries: NewLedgerEntry[]; readonly written: Promise<void> } | undefined;

  /** Batches that were confirmed together share a transaction: it costs a good part of an entry. */
  async function writeGroup(entries: readonly NewLedgerEntry[]): Promise<void> {
    await undefined;
    group = undefined;
    const [first] = entries;
    if (first && entries.length === 1) insert(first);
    else database.transaction(() => entries.forEach(insert));
  }

  function withCompletion(row: LedgerRow): LedgerEntry {
    const held = completions.get(nameOf(row.feed, row.batch_id, row.digest));
    return toEntry(held ? { ...row, completed_at: row.completed_at ?? held.at } : row);
  }

  return {
    flush,
    async find({ feed, batchId, digest }) {
      const row = find.get(feed, batchId, digest);
      return row && withCompletion(row);
    },
    async findParts(key) {
      return parts.find(key);
    },
    async enterPart(part) {
      parts.enter(part);
    },
    async enter(entry) {
      if (!group) {
        const entries: NewLedgerEntry[] = [];
        group = { entries, written: writeGroup(entries) };
      }
      group.entries.push(entry);
      await group.written;
    },
    async complete(key, at) {
      const name = nameOf(key.feed, key.batchId, key.digest);
      if (!completions.has(name)) completions.set(name, { key, at: at.getTime() });
      const [oldest] = completions.keys();
      if (completions.size > mostCompletions && oldest !== undefined) completions.delete(oldest);
      if (completions.size % completionGroup === 0) flush();
      else timer ??= setTimeout(flush, completionDelayMs).unref();
    },
    async list({ feed, limit }) {
      flush();
      const rows = feed === undefined ? newest.all(limit) : newestOf.all(feed, limit);
      return rows.map(withCompletion).sort(newestFirst);
    },
    async range({ feed, from, to, after = 0, limit }) {
      flush();
      const rows = following.all(after, limit);
      const isWanted = ({ feed: owner, published_at: at }: LedgerRow) =>
        owner === feed && at >= from.getTime() && at < to.getTime();
      const next = rows.length < limit ? undefined : rows.at(-1)?.entry;
      return { items: rows.filter(isWanted).map(withCompletion), ...(next !== undefined && { next }) };
    },
    async prune(before) {
      flush();
      parts.prune(before);
      return prune.run(pruneChunk, before.getTime(), before.getTime());
    },
  };
}
