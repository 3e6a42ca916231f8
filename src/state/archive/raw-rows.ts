import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Page, PageQuery, RawBatch } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { Database } from '../database.ts';
import { decodeRaw, type NewRaw } from './raw-batch.ts';

/** The rows of raw.db: batches of a feed that came together, compressed with zstd. Writing goes on within a transaction of the caller. */
export interface RawRows {
  add(batches: readonly NewRaw[]): void;
  /** `limit` and `after` count rows. */
  range(query: PageQuery): Page<RawBatch>;
  /** Drops the so many oldest rows that were fetched before; gives how many there were. */
  drop(before: number, most: number): number;
  oldestAt(): number | undefined;
  count(): number;
}

/** Of each batch in a row: its id, when it was fetched, the head of its records, its length in bytes; its offset, unless 0. */
type Heads = readonly (readonly [string, number, string, number, number?])[];

/** The fastest: JSON shrinks to a fifth of its size all the same. */
const level = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

interface RawRow {
  readonly seq: number;
  readonly feed: FeedName;
  readonly heads: string;
  readonly body: Uint8Array;
}

function batchesIn({ feed, heads, body }: RawRow): readonly NewRaw[] {
  const bytes = zstdDecompressSync(body);
  let end = 0;
  return (JSON.parse(heads) as Heads).map(([batchId, fetchedAt, head, length, offset = 0]) => {
    end += length;
    return { feed, batchId, fetchedAt, offset, head, bytes: bytes.subarray(end - length, end) };
  });
}

export function createRawRows(database: Database): RawRows {
  const insert = database.prepare('INSERT INTO raw (feed, first_at, last_at, heads, body) VALUES (?, ?, ?, ?, ?)');
  const ranged = database.prepare<RawRow>(`
    SELECT seq, feed, heads, body FROM raw WHERE feed = ? AND last_at >= ? AND first_at < ? AND seq > ?
    ORDER BY seq LIMIT ?`);
  const oldest = database.prepare<{ seq: number; last_at: number }>(
    'SELECT seq, last_at FROM raw ORDER BY seq LIMIT ?',
  );
  const drop = database.prepare('DELETE FROM raw WHERE seq <= ?');
  // They go from the oldest on, without gaps.
  const span = database.prepare<{ count: number }>('SELECT coalesce(max(seq) - min(seq) + 1, 0) AS count FROM raw');

  return {
    add(batches) {
      for (const [feed, together] of Map.groupBy(batches, (batch) => batch.feed)) {
        const heads: Heads = together.map(({ batchId, fetchedAt, head, bytes, offset }) =>
          offset === 0 ? [batchId, fetchedAt, head, bytes.length] : [batchId, fetchedAt, head, bytes.length, offset],
        );
        const times = together.map(({ fetchedAt }) => fetchedAt);
        const body = zstdCompressSync(Buffer.concat(together.map(({ bytes }) => bytes)), level);
        insert.run(feed, Math.min(...times), Math.max(...times), JSON.stringify(heads), body);
      }
    },
    range({ feed, from, to, after = 0, limit }) {
      const rows = ranged.all(feed, from.getTime(), to.getTime(), after, limit);
      const items = rows
        .flatMap(batchesIn)
        .filter(({ fetchedAt }) => fetchedAt >= from.getTime() && fetchedAt < to.getTime())
        .map(decodeRaw);
      return { items, next: rows.length < limit ? undefined : rows.at(-1)?.seq };
    },
    drop(before, most) {
      const rows = oldest.all(most);
      const end = rows.findIndex((row) => row.last_at >= before);
      const doomed = end < 0 ? rows : rows.slice(0, end);
      const newest = doomed.at(-1);
      if (newest) drop.run(newest.seq);
      return doomed.length;
    },
    oldestAt: () => oldest.get(1)?.last_at,
    count: () => span.get()?.count ?? 0,
  };
}
