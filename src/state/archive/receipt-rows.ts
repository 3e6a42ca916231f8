import { crc32 } from 'node:zlib';
import type { BatchReceipt, Page, PageQuery } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { Database } from '../database.ts';
import { decodeReceipts, namesIn } from './receipt-body.ts';

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
  add(receipt: NewReceipt): void;
  complete(completion: Completion): void;
  trace(text: string, limit: number): readonly BatchReceipt[];
  range(query: PageQuery): Page<BatchReceipt>;
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
  readonly name_seq: number;
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

export function createReceiptRows(database: Database): ReceiptRows {
  const insert = database.prepare(`
    INSERT INTO batch (seq, feed, batch_id, fetched_at, published_at, name_seq, body) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const name = database.prepare('INSERT INTO name (seq, hash, batch) VALUES (?, ?, ?)');
  // One batch may be published again: the newest is meant.
  const complete = database.prepare(`
    UPDATE batch SET completed_at = ? WHERE seq = (SELECT max(seq) FROM batch WHERE batch_id = ? AND feed = ?)`);
  const found = database.prepare<BatchRow>(`
    SELECT * FROM batch WHERE seq IN
      (SELECT seq FROM batch WHERE batch_id = ?1 UNION SELECT batch FROM name WHERE hash = ?2) ORDER BY seq LIMIT ?3`);
  const ranged = database.prepare<BatchRow>(`
    SELECT * FROM batch WHERE feed = ? AND published_at >= ? AND published_at < ? AND seq > ? ORDER BY seq LIMIT ?`);
  const oldest = database.prepare<{ seq: number; name_seq: number; published_at: number }>(
    'SELECT seq, name_seq, published_at FROM batch ORDER BY seq LIMIT ?',
  );
  // They go from the oldest on, without gaps.
  const span = database.prepare<{ count: number }>('SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM batch');
  const dropBatches = database.prepare('DELETE FROM batch WHERE seq <= ?');
  const dropNames = database.prepare('DELETE FROM name WHERE seq <= ?');
  const last = database.prepare<{ seq: number; name_seq: number }>(
    'SELECT seq, name_seq FROM batch ORDER BY seq DESC LIMIT 1',
  );

  const { seq: lastSeq = 0, name_seq: lastName = 0 } = last.get() ?? {};
  let [seq, nameSeq] = [lastSeq, lastName];

  return {
    add({ feed, batchId, fetchedAt, publishedAt, body }) {
      seq++;
      for (const text of namesIn(body)) name.run(++nameSeq, crc32(text), seq);
      insert.run(seq, feed, batchId, fetchedAt, publishedAt, nameSeq, body);
    },
    complete: ({ feed, batchId, at }) => void complete.run(at, batchId, feed),
    trace(text, limit) {
      const receipts: BatchReceipt[] = [];
      for (const row of found.all(text, crc32(text), limit)) {
        const receipt = toReceipt(row);
        const meant = receipt.events.filter(({ id, correlationId }) => id === text || correlationId === text);
        // Names of the same CRC are found too, and left out here.
        if (row.batch_id === text) receipts.push(receipt);
        else if (meant.length > 0) receipts.push({ ...receipt, events: meant });
      }
      return receipts;
    },
    range({ feed, from, to, after = 0, limit }) {
      const rows = ranged.all(feed, from.getTime(), to.getTime(), after, limit);
      return { items: rows.map(toReceipt), next: rows.length < limit ? undefined : rows.at(-1)?.seq };
    },
    drop(before, most) {
      const rows = oldest.all(most);
      const end = rows.findIndex((row) => row.published_at >= before);
      const doomed = end < 0 ? rows : rows.slice(0, end);
      const newest = doomed.at(-1);
      if (newest) {
        dropBatches.run(newest.seq);
        dropNames.run(newest.name_seq);
      }
      return doomed.length;
    },
    oldestAt: () => oldest.get(1)?.published_at,
    count: () => span.get()?.count ?? 0,
  };
}
