import type { Database } from '../database.ts';
import type { Feed } from './feeds.ts';
import type { FileRoom } from './room.ts';
import { pageSize } from './schema.ts';

/** Whether the file still has records that were released. */
export function isBehind({ tables, released }: Feed): boolean {
  const first = tables.first(0);
  return first !== undefined && first.sequence <= released;
}

/** Deletes some of them, within a transaction: `most` at the most. */
export function tidy(feed: Feed, most: number): void {
  const first = feed.tables.first(0);
  if (first !== undefined && first.sequence <= feed.released) {
    const removed = feed.tables.remove(Math.min(feed.released, first.sequence + most - 1));
    feed.records -= removed.records;
    feed.bytes -= removed.bytes;
  }
  if (feed.tables.first(0) !== undefined) return;
  // Rows that have vanished were still in the sum.
  feed.records = 0;
  feed.bytes = 0;
}

/** Free pages that are left for what comes: 16 MiB, or a quarter of the file. */
const spare = (16 * 1024 ** 2) / pageSize;
const givenBackAtOnce = 1_024;
/** Where the disk has no more room than this, all is given back, in steps that need little of it. */
const scarce = 1024 ** 2;
const givenBackWhereScarce = 128;

/** Makes the file a little smaller where much of it is empty, or the disk needs it. True: there is more to give back. */
export function giveBack(database: Database, room: FileRoom): boolean {
  const isScarce = room.onDisk(0) < scarce;
  const { total, free } = room.pages();
  const excess = isScarce ? free : free - Math.max(spare, Math.floor(total / 4));
  if (excess <= 0) return false;
  const most = isScarce ? givenBackWhereScarce : givenBackAtOnce;
  database.prepare(`PRAGMA incremental_vacuum(${Math.min(excess, most)})`).all();
  if (isScarce) room.emptyWal();
  return room.pages().free < free;
}
