import type { FeedName } from '../../core/batch.ts';
import type { Database } from '../database.ts';
import { type MemoryRow, markOf } from './feed-tables.ts';
import { type Feed, type FeedCounters, type Feeds, feedCrc } from './feeds.ts';
import { openRawPages } from './raw-pages.ts';
import { type RawRow, rawRows } from './raw-rows.ts';
import { isWhole, type RecordRow } from './row.ts';
import { digestOf, type Slot } from './sequences.ts';

export interface SalvageInto {
  readonly database: Database;
  readonly feeds: Feeds;
  /** The feed, made where it is not known yet. */
  feed(name: FeedName): Feed;
  /** What the side file knew before the new file was begun. */
  readonly before: ReadonlyMap<string, Slot>;
  readonly memoryMs: number;
}

/** What a feed lost: at least so many of the records in this range. */
export interface Loss {
  readonly feed: FeedName;
  readonly from: number;
  readonly to: number;
  readonly records: number;
}

export interface Salvage {
  /** Goes on for about so many milliseconds; undefined while there is more to do. Writes. */
  step(ms: number): readonly Loss[] | undefined;
  /** Records that were found whole, and were not settled. */
  readonly saved: number;
  close(): void;
}

const recordColumns = 9;
const memoryColumns = 5;

function toRecord({ rowid, columns }: RawRow): RecordRow | undefined {
  const [, feed, at, size, crc, head, key, id, bytes] = columns;
  const row = { sequence: rowid, feed, at, size, crc, head, key, id, bytes };
  return isWhole(row) ? row : undefined;
}

function toCounters({ rowid, columns }: RawRow): (FeedCounters & { readonly name: FeedName }) | undefined {
  const [, name, accepted, released, records, bytes, gaps, counted, crc] = columns;
  const row = { number: rowid, name, accepted, released, records, bytes, gaps, counted } as Feed;
  return typeof name === 'string' && feedCrc(row) === crc ? row : undefined;
}

function toMemory({ rowid, columns }: RawRow): MemoryRow | undefined {
  const [, at, key, id, mark] = columns;
  if (typeof at !== 'number' || typeof mark !== 'number') return undefined;
  return key instanceof Uint8Array && id instanceof Uint8Array ? { sequence: rowid, at, key, id, mark } : undefined;
}

/**
 * Brings what is whole in a damaged file over into a new one: records that were not released, each at its own sequence,
 * and remembered ids. Reads the pages as they lie there, past the tree that they were in. Doing it again does no harm.
 */
export function startSalvage(file: string, into: SalvageInto): Salvage {
  const pages = openRawPages(file);
  const rows = rawRows(pages, [recordColumns, memoryColumns]);
  const known = new Map<FeedName, { accepted: number; released: number }>();
  const memories: MemoryRow[] = [];
  const oldest = Date.now() - into.memoryMs;
  let saved = 0;

  function learn(name: FeedName, accepted: number, released: number): void {
    const had = known.get(name) ?? { accepted: 0, released: 0 };
    known.set(name, { accepted: Math.max(had.accepted, accepted), released: Math.max(had.released, released) });
  }

  function remember(feed: Feed, row: MemoryRow): void {
    if (row.at >= oldest) feed.tables.remember(row);
  }

  function takeRecord(row: RecordRow): void {
    const feed = into.feed(row.feed);
    learn(row.feed, row.sequence, 0);
    const { sequence, at, key, id } = row;
    if (key.length > 0) remember(feed, { sequence, at, key, id, mark: markOf(row.feed, row) });
    if (sequence <= feed.released || !feed.tables.insert(row)) return;
    feed.records += 1;
    feed.bytes += row.size;
    feed.accepted = Math.max(feed.accepted, sequence);
    saved += 1;
    into.feeds.store(feed);
  }

  /** A remembered id names no feed: it is tried with those that are known so far. */
  function place(memory: MemoryRow): void {
    for (const name of known.keys()) {
      if (markOf(name, memory) !== memory.mark) continue;
      remember(into.feed(name), memory);
      return;
    }
    memories.push(memory);
  }

  function take(raw: RawRow): void {
    const memory = raw.columns.length === memoryColumns ? toMemory(raw) : undefined;
    const record = memory ? undefined : toRecord(raw);
    const counters = memory || record ? undefined : toCounters(raw);
    if (memory) place(memory);
    if (record) takeRecord(record);
    if (counters) learn(counters.name, counters.accepted, counters.released);
  }

  function finish(feed: Feed): Loss | undefined {
    const { tables, name } = feed;
    const slot = into.before.get(digestOf(name));
    const found = known.get(name) ?? { accepted: 0, released: 0 };
    const last = Math.max(found.accepted, slot?.accepted ?? 0);
    // Without any word of it, all before the first one that is left was settled.
    const guess = slot || found.released > 0 ? 0 : (tables.first(0)?.sequence ?? feed.accepted + 1) - 1;
    const released = Math.max(feed.released, found.released, guess);
    const stale = tables.remove(released);
    feed.records -= stale.records;
    feed.bytes -= stale.bytes;
    saved -= stale.records;
    const isCounted = feed.counted > feed.released;
    feed.released = released;
    const to = Math.max(last, (tables.first(last)?.sequence ?? feed.accepted + 1) - 1);
    const records = Math.max(0, last - released - tables.count(released, last));
    tables.forgetMissing(released, to);
    if (!isCounted) feed.gaps += records;
    feed.counted = Math.max(feed.counted, to);
    feed.remembered = tables.remembered();
    into.feeds.store(feed);
    return records > 0 && !isCounted ? { feed: name, from: released + 1, to, records } : undefined;
  }

  return {
    get saved() {
      return saved;
    },
    step(ms) {
      const end = performance.now() + ms;
      let losses: readonly Loss[] | undefined;
      into.database.transaction(() => {
        for (let next = rows.next(); !next.done; next = rows.next()) {
          if (next.value) take(next.value);
          else if (performance.now() > end) return;
        }
        // Some came before their feed was known; those of no feed are stale.
        for (const memory of memories.splice(0)) place(memory);
        losses = into.feeds.all().flatMap((feed) => finish(feed) ?? []);
      });
      return losses;
    },
    close: () => pages[Symbol.dispose](),
  };
}
