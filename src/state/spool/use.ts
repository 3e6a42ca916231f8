import type { SpoolUse } from '../../core/spool.ts';
import type { Feed } from './feeds.ts';
import { isBehind } from './tidy.ts';

/** How a feed stands, without what is released and only not deleted yet. */
export function useOf(feed: Feed): SpoolUse {
  const { name, accepted, released, gaps, tables } = feed;
  const first = tables.first(released);
  const settled = isBehind(feed) ? tables.upTo(released) : { records: 0, bytes: 0 };
  const [records, bytes] = [feed.records - settled.records, feed.bytes - settled.bytes];
  return { feed: name, records, bytes, oldestAt: first && new Date(first.at), accepted, released, gaps };
}
