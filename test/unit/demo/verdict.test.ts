import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FenergoFeed, feedNames } from '../../../connectors/fenergo/feeds.ts';
import type { LedgerBatch } from '../../../connectors/fenergo/simulator/ledger.ts';
import { isAsPromised, judge, type Verdict } from '../../../demo/verdict.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feedferry-verdict-'));
});
afterEach(() => rm(dir, { recursive: true }));

const moment = { at: 1, order: 1 };

function batch(feed: FenergoFeed, eventIds: readonly string[], completed: boolean): LedgerBatch {
  return {
    feed,
    batchId: eventIds.join(),
    eventIds,
    firstFetched: moment,
    fetches: 1,
    completed: completed ? moment : null,
    completedBy: completed ? 'client' : null,
    completeCalls: completed ? 1 : 0,
  };
}

async function log(feed: FenergoFeed, ids: readonly string[]): Promise<void> {
  await mkdir(join(dir, feed), { recursive: true });
  const lines = ids.map((id) => `${JSON.stringify({ id })}\n`).join('');
  await writeFile(join(dir, feed, '00000000000000000000.ndjson'), lines);
}

/** Two batches of two events in `journey`, one in `document`, completed; and what the log has of `journey`. */
async function verdictOn(journey: readonly string[], ...more: readonly LedgerBatch[]): Promise<Verdict> {
  await log('journey', journey);
  await log('document', ['d1', 'd2']);
  const ledger = [
    batch('journey', ['j1', 'j2'], true),
    batch('journey', ['j3', 'j4'], true),
    batch('document', ['d1', 'd2'], true),
  ];
  return judge([...ledger, ...more], dir);
}

const good = { sent: 6, published: 6, completed: 6, doubled: 0, lost: 0, strange: 0, reordered: 0, early: 0 };

describe('the verdict on the demo', () => {
  it('is good when each event is there once and in order', async () => {
    const verdict = await verdictOn(['j1', 'j2', 'j3', 'j4']);
    expect(verdict).toEqual(good);
    expect(isAsPromised(verdict, 6, 2)).toBe(true);
  });

  it('counts what is there twice, which one batch of each feed may be', async () => {
    const verdict = await verdictOn(['j1', 'j2', 'j1', 'j2', 'j3', 'j4']);
    expect(verdict).toEqual({ ...good, doubled: 2 });
    expect(isAsPromised(verdict, 6, 2)).toBe(true);
    expect(isAsPromised({ ...verdict, doubled: feedNames.length * 2 + 1 }, 6, 2)).toBe(false);
  });

  it.each([
    ['a lost event that was completed', ['j1', 'j2', 'j4'], { published: 5, lost: 1, early: 1 }],
    ['events out of order', ['j1', 'j3', 'j2', 'j4'], { reordered: 1 }],
    ['an event that nobody sent', ['j1', 'j2', 'j3', 'j4', 'x'], { strange: 1, reordered: 1 }],
    ['an empty log', [], { published: 2, lost: 4, early: 4 }],
  ])('is bad for %s', async (_what, journey, differs) => {
    const verdict = await verdictOn(journey);
    expect(verdict).toEqual({ ...good, ...differs });
    expect(isAsPromised(verdict, 6, 2)).toBe(false);
  });

  it('is bad for what was never completed', async () => {
    const verdict = await verdictOn(['j1', 'j2', 'j3', 'j4', 'j5'], batch('journey', ['j5'], false));
    expect(verdict).toEqual({ ...good, sent: 7, published: 7 });
    expect(isAsPromised(verdict, 7, 2)).toBe(false);
  });
});
