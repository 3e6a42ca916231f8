import { expect, it } from 'vitest';
import type { ParkedKey } from '../../../src/core/state.ts';
import type { OpenedFeed } from '../../../src/open-pipeline.ts';
import { parkedKeyViews } from '../../../src/operations/release.ts';

const feed = 'sample/feed';
const since = new Date('2026-01-02T03:04:05Z');

it('lists keys that are stored, and those that stay parked when all of them was discarded', () => {
  const stored: ParkedKey[] = [{ feed, destination: 'x', key: 'a', count: 2, since }];
  const parked = ['a', 'b'].map((key) => ({ destination: 'x', key }));
  const opened: Pick<OpenedFeed, 'parked'> = { parked: () => parked };
  expect(parkedKeyViews(stored, [], new Map([[feed, opened as OpenedFeed]]))).toEqual([
    { feed, destination: null, key: 'a', count: 2, since },
    { feed, destination: null, key: 'b', count: 0, since: null },
  ]);
});
