import type { FeedName } from '../core/batch.ts';
import type { Ledger, LedgerEntry } from '../core/state.ts';
import type { Database } from './database.ts';

interface LedgerRow {
  readonly feed: string;
  readonly batch_id: string;
  readonly digest: string;
  readonly events: number;
  readonly whereabouts: string;
  readonly published_at: number;
  readonly completed_at: number | null;
}

/** Entries that one prune removes at most: some 5 ms of the main thread. */
const pruneChunk = 2_000;

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

export function createLedger(database: Database): Ledger {
  const find = database.prepare<LedgerRow>('SELECT * FROM ledger WHERE feed = ? AND batch_id = ? AND digest = ?');
  const enter = database.prepare('INSERT INTO ledger VALUES (?, ?, ?, ?, ?, ?, NULL) ON CONFLICT DO NOTHING');
  const complete = database.prepare(
    'UPDATE ledger SET completed_at = ? WHERE feed = ? AND batch_id = ? AND digest = ? AND completed_at IS NULL',
  );
  // One step through the primary key for each feed, however many entries it has.
  const feeds = database.prepare<{ readonly feed: FeedName }>(`
    WITH RECURSIVE step (feed) AS (
      SELECT min(feed) FROM ledger
      UNION ALL SELECT (SELECT min(feed) FROM ledger WHERE feed > step.feed) FROM step WHERE feed IS NOT NULL
    ) SELECT feed FROM step WHERE feed IS NOT NULL`);
  const newest = database.prepare<LedgerRow>(
    'SELECT * FROM ledger WHERE feed = ? ORDER BY published_at DESC, batch_id DESC LIMIT ?',
  );
  const prune = database.prepare(`
    DELETE FROM ledger WHERE (feed, batch_id, digest) IN (
      SELECT feed, batch_id, digest FROM ledger
      WHERE feed = ? AND published_at < ? AND completed_at < ? ORDER BY published_at LIMIT ?)`);

  return {
    async find({ feed, batchId, digest }) {
      const row = find.get(feed, batchId, digest);
      return row === undefined ? undefined : toEntry(row);
    },
    async enter({ feed, batchId, digest, events, whereabouts, publishedAt }) {
      enter.run(feed, batchId, digest, events, whereabouts, publishedAt.getTime());
    },
    async complete({ feed, batchId, digest }, at) {
      complete.run(at.getTime(), feed, batchId, digest);
    },
    async list({ feed, limit }) {
      const wanted = feed === undefined ? feeds.all().map((row) => row.feed) : [feed];
      const entries = wanted.flatMap((name) => newest.all(name, limit).map(toEntry));
      return entries.sort(newestFirst).slice(0, limit);
    },
    async prune(before) {
      let pruned = 0;
      for (const { feed } of feeds.all()) {
        if (pruned >= pruneChunk) break;
        pruned += prune.run(feed, before.getTime(), before.getTime(), pruneChunk - pruned);
      }
      return pruned;
    },
  };
}
