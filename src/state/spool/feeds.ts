import { crc32 } from 'node:zlib';
import type { FeedName } from '../../core/batch.ts';
import { readable, stateError } from '../classify.ts';
import type { Database } from '../database.ts';
import { createFeedTables, type FeedTables, openFeedTables } from './feed-tables.ts';

/** How a feed stands. */
export interface FeedCounters {
  /** The last sequence accepted, and the last one released. */
  accepted: number;
  released: number;
  /** In the file: accepted and not released. */
  records: number;
  bytes: number;
  /** Damaged records, ever. Those up to sequence `counted` are in it. */
  gaps: number;
  counted: number;
}

export interface Feed extends FeedCounters {
  readonly number: number;
  readonly name: FeedName;
  readonly tables: FeedTables;
  /** Ids that it remembers. */
  remembered: number;
}

type FeedRow = FeedCounters & { readonly number: number; readonly name: FeedName; readonly crc: number };

/** Over all that a row of the table of feeds holds. */
export function feedCrc(row: Omit<FeedRow, 'crc'>): number {
  const { number, name, accepted, released, records, bytes, gaps, counted } = row;
  return crc32(JSON.stringify([number, name, accepted, released, records, bytes, gaps, counted]));
}

/** The feeds of an open file. What changes in their counters is written by `store`, in the transaction of the change. */
export interface Feeds {
  get(name: FeedName): Feed | undefined;
  /** Within a transaction. */
  create(name: FeedName, counters: FeedCounters): Feed;
  store(feed: Feed): void;
  all(): readonly Feed[];
  /** After a transaction that was rolled back. */
  reload(): void;
}

/** Throws STATE_DAMAGED when a row does not fit its CRC. */
export function openFeeds(database: Database, file: string): Feeds {
  const list = database.prepare<FeedRow>('SELECT * FROM feed ORDER BY number');
  const insert = database.prepare('INSERT INTO feed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const update = database.prepare(`
    UPDATE feed SET accepted = ?, released = ?, records = ?, bytes = ?, gaps = ?, counted = ?, crc = ? WHERE number = ?`);
  const feeds = new Map<FeedName, Feed>();

  function reload(): void {
    const rows = readable(file, () => list.all());
    const names = new Set(rows.map(({ name }) => name));
    for (const name of feeds.keys()) if (!names.has(name)) feeds.delete(name);
    for (const { crc, ...row } of rows) {
      if (feedCrc(row) !== crc) throw stateError('STATE_DAMAGED', `${file}: row ${row.number} of the feeds is damaged`);
      const tables = feeds.get(row.name)?.tables ?? openFeedTables(database, row.number);
      feeds.set(row.name, { ...row, tables, remembered: tables.remembered() });
    }
  }
  reload();

  return {
    get: (name) => feeds.get(name),
    create(name, counters) {
      const number = 1 + Math.max(0, ...[...feeds.values()].map((feed) => feed.number));
      const { accepted, released, records, bytes, gaps, counted } = counters;
      const crc = feedCrc({ number, name, ...counters });
      insert.run(number, name, accepted, released, records, bytes, gaps, counted, crc);
      createFeedTables(database, number);
      const feed = { ...counters, number, name, tables: openFeedTables(database, number), remembered: 0 };
      feeds.set(name, feed);
      return feed;
    },
    store(feed) {
      const { accepted, released, records, bytes, gaps, counted } = feed;
      update.run(accepted, released, records, bytes, gaps, counted, feedCrc(feed), feed.number);
    },
    all: () => [...feeds.values()],
    reload,
  };
}
