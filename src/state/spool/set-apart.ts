import type { Database } from '../database.ts';
import type { Feed } from './feeds.ts';
import type { Damage } from './read.ts';
import type { RecordRow } from './row.ts';

/** Damaged rows that are kept for analysis; later ones are only counted. */
const mostKept = 1_000;

/** Within a transaction: takes damaged rows out of the way, keeps them, and counts what is gone. */
export function setApart(database: Database, feed: Feed, { rows, gaps }: Damage): void {
  const kept = database.prepare<{ readonly rows: number }>('SELECT count(*) AS rows FROM damaged').get()?.rows ?? 0;
  const keep = database.prepare('INSERT INTO damaged (feed, sequence, found_at, row, bytes) VALUES (?, ?, ?, ?, ?)');
  for (const row of rows.slice(0, Math.max(0, mostKept - kept))) {
    const { bytes, ...rest } = row;
    keep.run(feed.name, row.sequence, Date.now(), asText(rest), bytes instanceof Uint8Array ? bytes : null);
  }
  for (const { sequence, size } of rows) {
    feed.tables.removeOne(sequence);
    feed.bytes = Math.max(0, feed.bytes - (typeof size === 'number' ? size : 0));
  }
  for (const { from, to } of gaps) {
    // What was lost may come again.
    feed.tables.forgetMissing(from - 1, to);
    feed.gaps += to - from + 1;
    feed.records = Math.max(0, feed.records - (to - from + 1));
    feed.counted = Math.max(feed.counted, to);
  }
  feed.remembered = feed.tables.remembered();
}

function asText(row: Omit<RecordRow, 'bytes'>): string {
  return JSON.stringify(row, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
}
