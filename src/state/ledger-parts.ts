import type { FeedName } from '../core/batch.ts';
import type { BatchKey, LedgerPart } from '../core/state.ts';
import type { Database } from './database.ts';

interface PartRow {
  readonly feed: string;
  readonly batch_id: string;
  readonly digest: string;
  readonly destination: string;
  readonly events: number;
  readonly whereabouts: string;
  readonly published_at: number;
}

/** Which destinations are done with batches that are not entered yet. Runs within the transactions of the ledger. */
export interface LedgerParts {
  find(key: BatchKey): readonly LedgerPart[];
  enter(part: LedgerPart): void;
  /** Forgets those of a batch. */
  drop(key: BatchKey): void;
  /** Forgets those that were entered before. */
  prune(before: Date): void;
}

export function createLedgerParts(database: Database): LedgerParts {
  const find = database.prepare<PartRow>('SELECT * FROM part WHERE feed = ? AND batch_id = ? AND digest = ?');
  const enter = database.prepare(`
    INSERT INTO part (feed, batch_id, digest, destination, events, whereabouts, published_at)
    VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const drop = database.prepare('DELETE FROM part WHERE feed = ? AND batch_id = ? AND digest = ?');
  const prune = database.prepare('DELETE FROM part WHERE published_at < ?');
  /** Where every pipeline has one destination, no batch pays for a look. */
  let mayHaveAny = database.prepare<PartRow>('SELECT * FROM part LIMIT 1').get() !== undefined;

  return {
    find: ({ feed, batchId, digest }) =>
      find.all(feed, batchId, digest).map((row) => ({
        feed: row.feed as FeedName,
        batchId: row.batch_id,
        digest: row.digest,
        destination: row.destination,
        events: row.events,
        whereabouts: row.whereabouts,
        publishedAt: new Date(row.published_at),
      })),
    enter({ feed, batchId, digest, destination, events, whereabouts, publishedAt }) {
      mayHaveAny = true;
      enter.run(feed, batchId, digest, destination, events, whereabouts, publishedAt.getTime());
    },
    drop({ feed, batchId, digest }) {
      if (mayHaveAny) drop.run(feed, batchId, digest);
    },
    prune(before) {
      if (mayHaveAny) prune.run(before.getTime());
    },
  };
}
