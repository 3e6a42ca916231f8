import { expect } from 'vitest';
import { sha256hex } from '../../../src/core/digest.ts';
import type { StatePromises } from '../state.ts';
import { later, noon, sampleEntry, samplePart } from './samples.ts';

const otherDigest = sha256hex(Buffer.from('other content'));

export const ledgerPromises: StatePromises = {
  async 'an entered batch is found'({ open }) {
    await using state = await open();
    expect(await state.ledger.find(sampleEntry())).toBeUndefined();
    await state.ledger.enter(sampleEntry());
    expect(await state.ledger.find(sampleEntry())).toEqual({ ...sampleEntry(), completedAt: null });
  },

  async 'an entry is found after a restart'({ open }) {
    {
      await using state = await open();
      await state.ledger.enter(sampleEntry());
    }
    await using state = await open();
    expect(await state.ledger.find(sampleEntry())).toEqual({ ...sampleEntry(), completedAt: null });
  },

  async 'an entry survives kill -9 once enter has resolved'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a ledger entry');
    await using state = await open();
    expect(await state.ledger.find(sampleEntry())).toEqual({ ...sampleEntry(), completedAt: null });
  },

  async 'entering twice changes nothing'({ open }) {
    await using state = await open();
    await state.ledger.enter(sampleEntry());
    await state.ledger.complete(sampleEntry(), later(1));
    await state.ledger.enter(sampleEntry({ events: 3, whereabouts: 'elsewhere', publishedAt: later(60) }));
    expect(await state.ledger.list({ limit: 10 })).toEqual([{ ...sampleEntry(), completedAt: later(1) }]);
  },

  async 'batches of a feed and a time are given in the order of entry, a page of all feeds at a time'({ open }) {
    await using state = await open();
    const entries = Array.from({ length: 10 }, (_, at) =>
      sampleEntry({
        batchId: String(at),
        publishedAt: later(at),
        feed: at % 2 === 0 ? sampleEntry().feed : 'fenergo/other',
      }),
    );
    for (const entry of entries) await state.ledger.enter(entry);
    await state.ledger.complete(entries[4] ?? sampleEntry(), later(60));
    const time = { feed: sampleEntry().feed, from: later(2), to: later(8) };
    const found: unknown[] = [];
    let after: number | undefined;
    do {
      const page = await state.ledger.range({ ...time, after, limit: 3 });
      found.push(...page.items.map(({ batchId, completedAt }) => [batchId, completedAt]));
      after = page.next;
    } while (after !== undefined);
    expect(found).toEqual([
      ['2', null],
      ['4', later(60)],
      ['6', null],
    ]);
  },

  async 'the destinations that are done are found, by batch and content, also after a restart'({ open }) {
    {
      await using state = await open();
      await state.ledger.enterPart(samplePart());
      await state.ledger.enterPart(samplePart({ destination: 'b', events: 3 }));
      await state.ledger.enterPart(samplePart({ events: 99 }));
    }
    await using state = await open();
    const parts = await state.ledger.findParts(sampleEntry());
    expect(parts.toSorted((a, b) => b.events - a.events)).toEqual([
      samplePart(),
      samplePart({ destination: 'b', events: 3 }),
    ]);
    expect(await state.ledger.findParts(sampleEntry({ digest: otherDigest }))).toEqual([]);
    expect(await state.ledger.findParts(sampleEntry({ feed: 'fenergo/document' }))).toEqual([]);
    expect(await state.ledger.find(sampleEntry())).toBeUndefined();
  },

  async 'a destination that is done survives kill -9'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a part of a ledger entry');
    await using state = await open();
    expect(await state.ledger.findParts(sampleEntry())).toEqual([samplePart()]);
  },

  async 'when the whole batch is entered, its parts are forgotten, and those of others are not'({ open }) {
    await using state = await open();
    await state.ledger.enterPart(samplePart());
    await state.ledger.enterPart(samplePart({ batchId: 'other' }));
    await state.ledger.enter(sampleEntry());
    expect(await state.ledger.findParts(sampleEntry())).toEqual([]);
    expect(await state.ledger.findParts(sampleEntry({ batchId: 'other' }))).toHaveLength(1);
  },

  async 'parts of batches that never came again are pruned'({ open }) {
    await using state = await open();
    await state.ledger.enterPart(samplePart());
    await state.ledger.enterPart(samplePart({ destination: 'late', publishedAt: later(10) }));
    await state.ledger.prune(later(5));
    expect(await state.ledger.findParts(sampleEntry())).toMatchObject([{ destination: 'late' }]);
  },

  async 'a reused batch id with other content is not found'({ open }) {
    await using state = await open();
    await state.ledger.enter(sampleEntry());
    expect(await state.ledger.find(sampleEntry({ digest: otherDigest }))).toBeUndefined();
    await state.ledger.enter(sampleEntry({ digest: otherDigest, events: 2 }));
    expect(await state.ledger.find(sampleEntry({ digest: otherDigest }))).toMatchObject({ events: 2 });
    expect(await state.ledger.find(sampleEntry())).toMatchObject({ events: 10 });
  },

  async 'the same batch id of another feed is not found'({ open }) {
    await using state = await open();
    await state.ledger.enter(sampleEntry());
    expect(await state.ledger.find(sampleEntry({ feed: 'fenergo/document' }))).toBeUndefined();
  },

  async 'a batch is completed once, and only if it was entered'({ open }) {
    await using state = await open();
    await state.ledger.complete(sampleEntry(), later(1));
    expect(await state.ledger.find(sampleEntry())).toBeUndefined();
    await state.ledger.enter(sampleEntry());
    await state.ledger.complete(sampleEntry(), later(2));
    await state.ledger.complete(sampleEntry(), later(3));
    expect(await state.ledger.find(sampleEntry())).toMatchObject({ completedAt: later(2) });
  },

  async 'entries are listed newest first, of one feed or of all, up to the limit'({ open }) {
    await using state = await open();
    for (const [index, feed] of (['a/1', 'b/2', 'a/1', 'c/3'] as const).entries()) {
      await state.ledger.enter(sampleEntry({ feed, batchId: String(index), publishedAt: later(index) }));
    }
    const listed = async (filter: { feed?: 'a/1' | 'z/9'; limit: number }) =>
      (await state.ledger.list(filter)).map(({ batchId }) => batchId);
    expect(await listed({ limit: 10 })).toEqual(['3', '2', '1', '0']);
    expect(await listed({ limit: 2 })).toEqual(['3', '2']);
    expect(await listed({ feed: 'a/1', limit: 10 })).toEqual(['2', '0']);
    expect(await listed({ feed: 'a/1', limit: 1 })).toEqual(['2']);
    expect(await listed({ feed: 'z/9', limit: 10 })).toEqual([]);
  },

  async 'pruning forgets what was completed before the given time, and what a later batch has followed'({ open }) {
    await using state = await open();
    const old = sampleEntry({ batchId: 'old' });
    const followed = sampleEntry({ batchId: 'open, followed by others of its feed' });
    const last = sampleEntry({ batchId: 'open', feed: 'c/3' });
    const late = sampleEntry({ batchId: 'completed late' });
    const young = sampleEntry({ batchId: 'young', feed: 'b/2', publishedAt: later(100) });
    for (const entry of [old, followed, last, late, young]) await state.ledger.enter(entry);
    await state.ledger.complete(old, later(1));
    await state.ledger.complete(late, later(100));
    await state.ledger.complete(young, later(101));
    expect(await state.ledger.prune(later(50))).toBe(2);
    expect(await state.ledger.prune(later(50))).toBe(0);
    expect((await state.ledger.list({ limit: 10 })).map(({ batchId }) => batchId)).toEqual([
      'young',
      'open',
      'completed late',
    ]);
  },

  async 'pruning again and again comes to an end, whatever there is'({ open }) {
    await using state = await open();
    for (let index = 0; index < 5_000; index += 1) {
      const entry = sampleEntry({ feed: `a/${index % 3}`, batchId: String(index) });
      await state.ledger.enter(entry);
      await state.ledger.complete(entry, noon);
    }
    const pruned: number[] = [];
    while (pruned.at(-1) !== 0) pruned.push(await state.ledger.prune(later(1)));
    expect(pruned.length).toBeGreaterThan(2);
    expect(pruned.reduce((sum, count) => sum + count, 0)).toBe(5_000);
    expect(await state.ledger.list({ limit: 1 })).toEqual([]);
  },
};
