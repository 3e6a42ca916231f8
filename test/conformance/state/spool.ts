import { expect } from 'vitest';
import type { StatePromises } from '../state.ts';
import { bodiesIn, feed, spoolEntry } from './spool-samples.ts';

const event = {};
const most = { records: 100, bytes: 1024 ** 2 };

/** What a spool promises. */
export const spoolPromises: StatePromises = {
  async 'gives what was appended, as it was, in order, with rising sequences'({ open }) {
    await using state = await open();
    const appended = await state.spool.append(feed, [spoolEntry('one'), spoolEntry(''), spoolEntry('{"ü": 1.0}')]);
    expect(appended).toEqual([1, 2, 3].map((sequence) => ({ status: 'spooled', sequence })));
    const { records, gaps } = await state.spool.read(feed, 0, most);
    expect(gaps).toEqual([]);
    expect(records).toEqual([
      { sequence: 1, entry: spoolEntry('one') },
      { sequence: 2, entry: spoolEntry('') },
      { sequence: 3, entry: spoolEntry('{"ü": 1.0}') },
    ]);
  },

  async 'takes nothing for nothing'({ open }) {
    await using state = await open();
    expect(await state.spool.append(feed, [])).toEqual([]);
    expect(await bodiesIn(state.spool)).toEqual([]);
  },

  async 'keeps the bytes that it was given, whatever becomes of them afterwards'({ open }) {
    await using state = await open();
    const entry = spoolEntry('mine');
    const appending = state.spool.append(feed, [entry]);
    entry.record.bytes.fill(0);
    await appending;
    expect(await bodiesIn(state.spool)).toEqual(['mine']);
  },

  async 'reads on after a sequence, up to the bounds, one record at least'({ open }) {
    await using state = await open();
    await state.spool.append(
      feed,
      ['1', '2', '3', '4'].map((body) => spoolEntry(body)),
    );
    const read = async (after: number, records: number, bytes: number) =>
      (await state.spool.read(feed, after, { records, bytes })).records.map(({ sequence }) => sequence);
    expect(await read(1, 2, 1024 ** 2)).toEqual([2, 3]);
    expect(await read(1, 100, 1)).toEqual([2]);
    expect(await read(4, 100, 1024 ** 2)).toEqual([]);
  },

  async 'keeps feeds apart'({ open }) {
    await using state = await open();
    const other = 'hooks/returns';
    await Promise.all([
      state.spool.append(feed, [spoolEntry('a', event)]),
      state.spool.append(other, [spoolEntry('a', event)]),
    ]);
    await state.spool.release(feed, 1);
    expect(await bodiesIn(state.spool)).toEqual([]);
    expect(await bodiesIn(state.spool, 0, other)).toEqual(['a']);
  },

  async 'knows an event again, in one call and later, also after it was released'({ open }) {
    await using state = await open();
    const again = spoolEntry('a', event);
    expect(await state.spool.append(feed, [again, spoolEntry('b', event), again])).toEqual([
      { status: 'spooled', sequence: 1 },
      { status: 'spooled', sequence: 2 },
      { status: 'duplicate', sequence: 1 },
    ]);
    await state.spool.release(feed, 2);
    expect(await state.spool.append(feed, [again])).toEqual([{ status: 'duplicate', sequence: 1 }]);
    const elsewhere = spoolEntry('a', { source: '/other' });
    expect(await state.spool.append(feed, [elsewhere])).toEqual([{ status: 'spooled', sequence: 3 }]);
  },

  async 'knows a state again only while it is the last one of its key'({ open }) {
    await using state = await open();
    const of = (id: string, partitionkey: string) => spoolEntry(id, { kind: 'state', id, partitionkey });
    const appended = await state.spool.append(feed, [
      of('on', 'k'),
      of('on', 'k'),
      of('on', 'l'),
      of('off', 'k'),
      of('on', 'k'),
    ]);
    expect(appended.map(({ status }) => status)).toEqual(['spooled', 'duplicate', 'spooled', 'spooled', 'spooled']);
    expect(await state.spool.append(feed, [of('on', 'k')])).toEqual([{ status: 'duplicate', sequence: 4 }]);
  },

  async 'never knows again what has no identity'({ open }) {
    await using state = await open();
    expect(await state.spool.append(feed, [spoolEntry('a'), spoolEntry('a')])).toHaveLength(2);
    expect(await bodiesIn(state.spool)).toEqual(['a', 'a']);
  },

  async 'forgets what was released, and nothing else'({ open }) {
    await using state = await open();
    await state.spool.append(
      feed,
      ['1', '2', '3'].map((body) => spoolEntry(body)),
    );
    await state.spool.release(feed, 2);
    expect(await bodiesIn(state.spool)).toEqual(['3']);
    await state.spool.release(feed, 1);
    await state.spool.release(feed, 2);
    expect(await bodiesIn(state.spool)).toEqual(['3']);
    await state.spool.release(feed, 99);
    expect(await bodiesIn(state.spool)).toEqual([]);
    expect(await state.spool.append(feed, [spoolEntry('4')])).toEqual([{ status: 'spooled', sequence: 4 }]);
    expect(await bodiesIn(state.spool)).toEqual(['4']);
  },

  async 'remembers records, ids, releases and sequences when it is opened again'({ open }) {
    {
      await using state = await open();
      await state.spool.append(
        feed,
        ['1', '2', '3'].map((body) => spoolEntry(body, event)),
      );
      await state.spool.release(feed, 1);
    }
    await using again = await open();
    expect(await bodiesIn(again.spool)).toEqual(['2', '3']);
    expect(await again.spool.append(feed, [spoolEntry('1', event), spoolEntry('4', event)])).toEqual([
      { status: 'duplicate', sequence: 1 },
      { status: 'spooled', sequence: 4 },
    ]);
  },

  async 'keeps a record and an id that a killed process had appended'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a spooled record');
    await using state = await open();
    expect(await bodiesIn(state.spool)).toEqual(['from the victim']);
    const again = spoolEntry('from the victim', event);
    expect(await state.spool.append(feed, [again])).toEqual([{ status: 'duplicate', sequence: 1 }]);
    expect(await state.spool.append(feed, [spoolEntry('next')])).toEqual([{ status: 'spooled', sequence: 2 }]);
  },

  async 'wakes who waits for the feed to grow, and nobody else'({ open }) {
    await using state = await open();
    const { signal } = new AbortController();
    await state.spool.append(feed, [spoolEntry('1')]);
    await state.spool.grown(feed, 0, signal);
    let woken = false;
    const waiting = state.spool.grown(feed, 1, signal).then(() => {
      woken = true;
    });
    await state.spool.append('hooks/returns', [spoolEntry('1')]);
    expect(woken).toBe(false);
    await state.spool.append(feed, [spoolEntry('2')]);
    await waiting;
  },

  async 'wakes at once after a restart who is behind'({ open }) {
    {
      await using state = await open();
      await state.spool.append(feed, [spoolEntry('1')]);
    }
    await using again = await open();
    await again.spool.grown(feed, 0, new AbortController().signal);
  },

  async 'wakes who waits when the signal aborts'({ open }) {
    await using state = await open();
    const end = new AbortController();
    const waiting = state.spool.grown(feed, 0, end.signal);
    end.abort();
    await waiting;
    await state.spool.grown(feed, 0, end.signal);
  },

  async 'says what is in it'({ open }) {
    await using state = await open();
    expect(await state.spool.state()).toMatchObject({ bytes: 0, feeds: [], refusing: undefined, quarantined: [] });
    await state.spool.append(
      feed,
      ['1', '2', '3'].map((body) => spoolEntry(body)),
    );
    await state.spool.release(feed, 1);
    const { feeds, bytes } = await state.spool.state();
    expect(feeds).toEqual([{ feed, records: 2, bytes, oldestAt: expect.any(Date), accepted: 3, released: 1, gaps: 0 }]);
    expect(Math.abs(Date.now() - (feeds[0]?.oldestAt?.getTime() ?? 0))).toBeLessThan(60_000);
    await state.spool.release(feed, 3);
    expect(await state.spool.state()).toMatchObject({
      bytes: 0,
      feeds: [{ records: 0, bytes: 0, oldestAt: undefined }],
    });
  },

  async 'appends for many callers at once, each of them in its order'({ open }) {
    await using state = await open();
    const callers = Array.from({ length: 50 }, async (_, caller) => {
      for (let n = 0; n < 5; n += 1) await state.spool.append(feed, [spoolEntry(`${caller}/${n}`)]);
    });
    await Promise.all(callers);
    const bodies = await bodiesIn(state.spool);
    expect(bodies).toHaveLength(250);
    for (let caller = 0; caller < 50; caller += 1) {
      const own = bodies.filter((body) => body.startsWith(`${caller}/`));
      expect(own).toEqual([0, 1, 2, 3, 4].map((n) => `${caller}/${n}`));
    }
  },

  async 'refuses every call after closing, and finishes those before'({ open }) {
    const state = await open();
    const before = state.spool.append(feed, [spoolEntry('before')]);
    await state[Symbol.asyncDispose]();
    await before;
    await expect(state.spool.append(feed, [spoolEntry('after')])).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
    await using again = await open();
    expect(await bodiesIn(again.spool)).toEqual(['before']);
  },
};
