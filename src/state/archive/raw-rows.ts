import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Page, PageQuery, RawBatch } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { Headers, RawRecord } from '../../core/record.ts';
import type { Database } from '../database.ts';

/** A batch on its way to the file: what is not bytes as one text, all bytes one behind the other. */
export interface NewRaw {
  readonly feed: FeedName;
  readonly batchId: string;
  readonly fetchedAt: number;
  readonly head: string;
  readonly bytes: Uint8Array;
}

/** The rows of raw.db, compressed with zstd. Writing goes on within a transaction of the caller. */
export interface RawRows {
  add(raw: NewRaw): void;
  range(query: PageQuery): Page<RawBatch>;
  /** Drops the so many oldest batches that were fetched before; gives how many there were. */
  drop(before: number, most: number): number;
  oldestAt(): number | undefined;
  count(): number;
}

/** Of each record: length in bytes, media type, headers, when it was received. */
type Head = readonly (readonly [number, string, Headers, number])[];

/** Fast, as receipts and raw batches share a thread; JSON shrinks to a fifth of its size all the same. */
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface RawRow {
  readonly seq: number;
  readonly feed: FeedName;
  readonly batch_id: string;
  readonly fetched_at: number;
  readonly head: string;
  readonly body: Uint8Array;
}

export function encodeRaw({ feed, batchId, fetchedAt, records }: RawBatch): NewRaw {
  const head: Head = records.map(({ bytes, mediaType, headers, receivedAt }) => [
    bytes.length,
    mediaType,
    headers,
    receivedAt.getTime(),
  ]);
  const bytes = Buffer.concat(records.map((record) => record.bytes));
  return { feed, batchId, fetchedAt: fetchedAt.getTime(), head: JSON.stringify(head), bytes };
}

function toBatch(row: RawRow): RawBatch {
  const bytes = zstdDecompressSync(row.body);
  let end = 0;
  const records = (JSON.parse(row.head) as Head).map(([length, mediaType, headers, receivedAt]): RawRecord => {
    end += length;
    return { bytes: bytes.subarray(end - length, end), mediaType, headers, receivedAt: new Date(receivedAt) };
  });
  return { feed: row.feed, batchId: row.batch_id, fetchedAt: new Date(row.fetched_at), records };
}

export function createRawRows(database: Database): RawRows {
  const insert = database.prepare('INSERT INTO batch (feed, batch_id, fetched_at, head, body) VALUES (?, ?, ?, ?, ?)');
  const ranged = database.prepare<RawRow>(`
    SELECT * FROM batch WHERE feed = ? AND fetched_at >= ? AND fetched_at < ? AND seq > ? ORDER BY seq LIMIT ?`);
  const oldest = database.prepare<{ seq: number; fetched_at: number }>(
    'SELECT seq, fetched_at FROM batch ORDER BY seq LIMIT ?',
  );
  // They go from the oldest on, without gaps.
  const span = database.prepare<{ count: number }>('SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM batch');
  const drop = database.prepare('DELETE FROM batch WHERE seq <= ?');

  return {
    add({ feed, batchId, fetchedAt, head, bytes }) {
      insert.run(feed, batchId, fetchedAt, head, zstdCompressSync(bytes, level));
    },
    range({ feed, from, to, after = 0, limit }) {
      const rows = ranged.all(feed, from.getTime(), to.getTime(), after, limit);
      return { items: rows.map(toBatch), next: rows.length < limit ? undefined : rows.at(-1)?.seq };
    },
    drop(before, most) {
      const rows = oldest.all(most);
      const end = rows.findIndex((row) => row.fetched_at >= before);
      const doomed = end < 0 ? rows : rows.slice(0, end);
      const newest = doomed.at(-1);
      if (newest) drop.run(newest.seq);
      return doomed.length;
    },
    oldestAt: () => oldest.get(1)?.fetched_at,
    count: () => span.get()?.count ?? 0,
  };
}
