import type { FeedName } from '../../core/batch.ts';
import type { Feed } from './feeds.ts';
import type { PackedPage, PackedRecord, ReadCall } from './messages.ts';
import { isWhole, type RecordRow } from './row.ts';

/** What is not there as it should be. */
export interface Damage {
  /** Rows that do not fit their CRC. */
  readonly rows: readonly RecordRow[];
  /** Sequences that are gone, and were not counted yet: of those rows, and of others that have vanished. */
  readonly gaps: readonly { readonly feed: FeedName; readonly from: number; readonly to: number }[];
}

/** How far the page goes: sequences up to this one fit into the bounds. */
function lastOf(feed: Feed, { after, records, bytes }: ReadCall): number {
  const sizes = feed.tables.sizes(after, feed.accepted, Math.max(1, records));
  let total = 0;
  let last = after;
  for (const { sequence, size } of sizes) {
    total += size;
    if (total > bytes && last > after) return last;
    last = sequence;
  }
  // Where nothing more follows, what is missing at the end is seen too.
  return sizes.length < Math.max(1, records) ? feed.accepted : last;
}

/** The page that a call asks for, and what is damaged in it. Changes nothing. */
export function read(feed: Feed, call: ReadCall): { readonly page: PackedPage; readonly damage: Damage } {
  const after = Math.max(call.after, feed.released);
  const last = lastOf(feed, { ...call, after });
  const records: PackedRecord[] = [];
  const broken: RecordRow[] = [];
  const gaps: { from: number; to: number }[] = [];
  let expected = after + 1;

  function missing(from: number, to: number): void {
    const previous = gaps.at(-1);
    if (previous?.to === from - 1) previous.to = to;
    else gaps.push({ from, to });
  }

  for (const row of feed.tables.rows(after, last)) {
    if (row.sequence > expected) missing(expected, row.sequence - 1);
    expected = row.sequence + 1;
    if (row.feed === feed.name && isWhole(row)) {
      records.push({ sequence: row.sequence, head: row.head, bytes: row.bytes });
    } else {
      broken.push(row);
      missing(row.sequence, row.sequence);
    }
  }
  if (expected <= last) missing(expected, last);
  const isNew = (sequence: number) => sequence > feed.counted || broken.some((row) => row.sequence === sequence);
  const uncounted = gaps.flatMap(({ from, to }) => {
    const first = isNew(from) ? from : Math.max(from, feed.counted + 1);
    return first <= to ? [{ feed: feed.name, from: first, to }] : [];
  });
  return { page: { records, gaps }, damage: { rows: broken, gaps: uncounted } };
}
