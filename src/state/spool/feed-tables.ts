import type { SQLInputValue } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import type { FeedName } from '../../core/batch.ts';
import { readable } from '../classify.ts';
import type { Database } from '../database.ts';
import type { Keys } from './identity.ts';
import { crcOf, type RecordRow, shareOf } from './row.ts';

export interface FirstRow {
  readonly sequence: number;
  readonly at: number;
}

/** What is remembered of a key. */
export type Recalled = Pick<MemoryRow, 'sequence' | 'at' | 'id'>;

/** A remembered id, as it is stored: it names no feed, but `mark` does. */
export interface MemoryRow extends Keys {
  readonly sequence: number;
  readonly at: number;
  /** CRC over the row and the name of its feed. */
  readonly mark: number;
}

export function markOf(feed: FeedName, { sequence, at, key, id }: Omit<MemoryRow, 'mark'>): number {
  return crc32(id, crc32(key, crc32(`${feed}\n${sequence}\n${at}`)));
}

/** Makes the tables of a feed. */
export function createFeedTables(database: Database, number: number): void {
  database
    .prepare(`
      CREATE TABLE record_${number} (
        sequence INTEGER PRIMARY KEY,
        feed TEXT NOT NULL,
        at INTEGER NOT NULL,
        size INTEGER NOT NULL,
        crc INTEGER NOT NULL,
        head TEXT NOT NULL,
        key BLOB NOT NULL,
        id BLOB NOT NULL,
        bytes BLOB NOT NULL
      ) STRICT`)
    .run();
  database
    .prepare(`
      CREATE TABLE memory_${number} (
        sequence INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        key BLOB NOT NULL UNIQUE,
        id BLOB NOT NULL,
        mark INTEGER NOT NULL
      ) STRICT`)
    .run();
}

/** The rows of one feed: its records, and the ids that it remembers. */
export interface FeedTables {
  /** False: there is one with this sequence already. */
  insert(row: RecordRow): boolean;
  sizes(after: number, upTo: number, most: number): readonly { readonly sequence: number; readonly size: number }[];
  rows(after: number, upTo: number): readonly RecordRow[];
  first(after: number): FirstRow | undefined;
  count(after: number, upTo: number): number;
  upTo(sequence: number): { readonly records: number; readonly bytes: number };
  /** Deletes records up to `sequence`, and says what they were. */
  remove(sequence: number): { readonly records: number; readonly bytes: number };
  removeOne(sequence: number): void;
  recall(key: Uint8Array): Recalled | undefined;
  /** Keeps the newest of a key. */
  remember(row: MemoryRow): void;
  remembered(): number;
  /** Forgets at most `most` of the oldest ids, those accepted before `before` or all; says how many. */
  forget(most: number, before: number): number;
  /** Forgets ids of records in this range that are not there: they may come again. */
  forgetMissing(after: number, upTo: number): void;
}

export function openFeedTables(database: Database, number: number): FeedTables {
  const [record, memory] = [`record_${number}`, `memory_${number}`];
  // A value that no number here can have comes of damage alone.
  const sure = <T>(ask: () => T): T => readable(record, ask);
  const insert = database.prepare(`INSERT INTO ${record} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`);
  const sizes = database.prepare<{ readonly sequence: number; readonly size: number }>(
    `SELECT sequence, size FROM ${record} WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT ?`,
  );
  const rows = database.prepare<RecordRow>(
    `SELECT * FROM ${record} WHERE sequence > ? AND sequence <= ? ORDER BY sequence`,
  );
  const first = database.prepare<FirstRow>(
    `SELECT sequence, at FROM ${record} WHERE sequence > ? ORDER BY sequence LIMIT 1`,
  );
  const count = database.prepare<{ readonly records: number }>(
    `SELECT count(*) AS records FROM ${record} WHERE sequence > ? AND sequence <= ?`,
  );
  const sum = database.prepare<{ readonly records: number; readonly bytes: number }>(
    `SELECT count(*) AS records, coalesce(sum(size), 0) AS bytes FROM ${record} WHERE sequence <= ?`,
  );
  const remove = database.prepare(`DELETE FROM ${record} WHERE sequence <= ?`);
  const removeOne = database.prepare(`DELETE FROM ${record} WHERE sequence = ?`);
  const recall = database.prepare<Recalled>(`SELECT sequence, at, id FROM ${memory} WHERE key = ?`);
  const remember = database.prepare(`
    INSERT INTO ${memory} VALUES (?, ?, ?, ?, ?) ON CONFLICT (sequence) DO NOTHING
    ON CONFLICT (key) DO UPDATE SET sequence = excluded.sequence, at = excluded.at, id = excluded.id, mark = excluded.mark
      WHERE excluded.sequence > sequence`);
  const remembered = database.prepare<{ readonly ids: number }>(`SELECT count(*) AS ids FROM ${memory}`);
  const forget = database.prepare(`
    DELETE FROM ${memory} WHERE at < ?2
      AND sequence <= (SELECT max(sequence) FROM (SELECT sequence FROM ${memory} ORDER BY sequence LIMIT ?1))`);
  const forgetMissing = database.prepare(`
    DELETE FROM ${memory} WHERE sequence > ? AND sequence <= ? AND sequence NOT IN (SELECT sequence FROM ${record})`);

  const upTo = (sequence: number) => sure(() => sum.get(sequence)) ?? { records: 0, bytes: 0 };

  return {
    insert: (row) => insert.run(...recordValues(row)) === 1,
    sizes: (after, upTo, most) => sure(() => sizes.all(after, upTo, most)),
    rows: (after, upTo) => sure(() => rows.all(after, upTo)),
    first: (after) => sure(() => first.get(after)),
    count: (after, upTo) => count.get(after, upTo)?.records ?? 0,
    upTo,
    remove(sequence) {
      const removed = upTo(sequence);
      remove.run(sequence);
      return removed;
    },
    removeOne: (sequence) => void removeOne.run(sequence),
    recall: (key) => sure(() => recall.get(key)),
    remember: ({ sequence, at, key, id, mark }) => void remember.run(sequence, at, key, id, mark),
    remembered: () => remembered.get()?.ids ?? 0,
    forget: (most, before) => forget.run(most, before),
    forgetMissing: (after, upTo) => void forgetMissing.run(after, upTo),
  };
}

function recordValues(row: RecordRow): SQLInputValue[] {
  const { sequence, feed, at, size, crc, head, key, id, bytes } = row;
  return [sequence, feed, at, size, crc, head, key, id, bytes];
}

/** A row for a record that is accepted now. */
export function newRow(row: Omit<RecordRow, 'crc' | 'size'>): RecordRow {
  const { feed, head, key, id, bytes } = row;
  const text = Buffer.byteLength(feed) + Buffer.byteLength(head);
  const sized = { ...row, size: shareOf(text + key.length + id.length + bytes.length) };
  return { ...sized, crc: crcOf(sized) };
}
