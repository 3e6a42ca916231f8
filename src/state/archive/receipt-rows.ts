import type { BatchReceipt, BatchTally, Page, PageQuery } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { Database } from '../database.ts';
import { decodeReceipts, hashNames } from './receipt-body.ts';
import { createReceiptNames } from './receipt-names.ts';

export interface NewReceipt {
  readonly feed: FeedName;
  readonly batchId: string;
  readonly fetchedAt: number;
  readonly publishedAt: number;
  /** As `encodeReceipts` gives it. */
  readonly body: string;
}

export interface Completion {
  readonly feed: FeedName;
  readonly batchId: string;
  readonly at: number;
}

/** The rows of receipts.db. Writing goes on within a transaction of the caller. */
export interface ReceiptRows {
  add(receipts: readonly NewReceipt[]): void;
  complete(completion: Completion): void;
  trace(text: string, limit: number): readonly BatchReceipt[];
  range(query: PageQuery): Page<BatchReceipt>;
  tally(feed: FeedName, batchIds: readonly string[]): readonly BatchTally[];
  /** Drops the so many oldest batches that were published before; gives how many there were. */
  drop(before: number, most: number): number;
  oldestAt(): number | undefined;
  count(): number;
}

interface BatchRow {
  readonly seq: number;
  readonly feed: FeedName;
  readonly batch_id: string;
  readonly fetched_at: number;
  readonly published_at: number;
  readonly completed_at: number | null;
  readonly body: string;
}

function toReceipt(row: BatchRow): BatchReceipt {
  return {
    feed: row.feed,
    batchId: row.batch_id,
    fetchedAt: new Date(row.fetched_at),
    publishedAt: new Date(row.published_at),
    completedAt: row.completed_at === null ? null : new Date(row.completed_at),
    events: decodeReceipts(row.body),
  };
}

function toTally(row: BatchRow): BatchTally {
  const { batchId, publishedAt, events } = toReceipt(row);
  return { batchId, publishedAt, receipts: events.length, ids: new Set(events.map(({ id }) => id)).size };
}

export function createReceiptRows(database: Database): ReceiptRows {
  const names = createReceiptNames(database);
  const insert = database.prepare(
    'INSERT INTO batch (seq, feed, batch_id, fetched_at, published_at, body) VALUES (?, ?, ?, ?, ?, ?)',
  );
  // One batch may be published again: the newest is meant.
  const complete = database.prepare(`
    UPDATE batch SET completed_at = ? WHERE seq = (SELECT max(seq) FROM batch WHERE batch_id = ? AND feed = ?)`);
  const byId = database.prepare<BatchRow>('SELECT * FROM batch WHERE batch_id = ? ORDER BY seq LIMIT ?');
  const ofFeed = database.prepare<BatchRow>('SELECT * FROM batch WHERE batch_id = ? AND feed = ? ORDER BY seq');
  const between = database.prepare<BatchRow>('SELECT * FROM batch WHERE seq BETWEEN ? AND ? ORDER BY seq');
  const ranged = database.prepare<BatchRow>(`
    SELECT * FROM batch WHERE feed = ? AND published_at >= ? AND published_at < ? AND seq > ? ORDER BY seq LIMIT ?`);
  const oldest = database.prepare<{ seq: number; published_at: number }>(
    'SELECT seq, published_at FROM batch ORDER BY seq LIMIT ?',
  );
  const drop = database.prepare('DELETE FROM batch WHERE seq <= ?');
  // They go from the oldest on, without gaps.
  const span = database.prepare<{ count: number }>('SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM batch');
  let seq = database.prepare<{ seq: number }>('SELECT max(seq) AS seq FROM batch').get()?.seq ?? 0;

  return {
    add(receipts) {
      if (receipts.length === 0) return;
      const first = seq + 1;
      for (const { feed, batchId, fetchedAt, publishedAt, body } of receipts) {
        insert.run(++seq, feed, batchId, fetchedAt, publishedAt, body);
      }
      names.add(
        { first, last: seq },
        receipts.map(({ body }) => hashNames(body)),
      );
    },
    complete: ({ feed, batchId, at }) => void complete.run(at, batchId, feed),
    trace(text, limit) {
      const found = new Map(byId.all(text, limit).map((row) => [row.seq, toReceipt(row)]));
      for (const { first, last } of names.find(text)) {
        if (found.size >= limit) break;
        // Names of the same CRC are found too, and left out here; so are batches that only stand beside the one.
        for (const row of between.all(first, last)) {
          if (!row.body.includes(text) || found.has(row.seq)) continue;
          const receipt = toReceipt(row);
          const events = receipt.events.filter(({ id, correlationId }) => id === text || correlationId === text);
          if (events.length > 0) found.set(row.seq, { ...receipt, events });
        }
      }
      const inOrder = [...found].sort(([a], [b]) => a - b).slice(0, limit);
      return inOrder.map(([, receipt]) => receipt);
    },
    range({ feed, from, to, after = 0, limit }) {
      const rows = ranged.all(feed, from.getTime(), to.getTime(), after, limit);
      return { items: rows.map(toReceipt), next: rows.length < limit ? undefined : rows.at(-1)?.seq };
    },
    tally: (feed, batchIds) => [...new Set(batchIds)].flatMap((id) => ofFeed.all(id, feed).map(toTally)),
    drop(before, most) {
      const rows = oldest.all(most);
      const end = rows.findIndex((row) => row.published_at >= before);
      const doomed = end < 0 ? rows : rows.slice(0, end);
      const newest = doomed.at(-1);
      if (newest) {
        drop.run(newest.seq);
        names.drop(newest.seq);
      }
      return doomed.length;
    },
    oldestAt: () => oldest.get(1)?.published_at,
    count: () => span.get()?.count ?? 0,
  };
}
