import { expect } from 'vitest';
import type { StatePromises } from '../state.ts';

export const cursorPromises: StatePromises = {
  async 'a cursor is where it was set last'({ open }) {
    await using state = await open();
    expect(await state.cursors.get('tickets/all')).toBeUndefined();
    await state.cursors.set('tickets/all', '1');
    await state.cursors.set('tickets/all', '2');
    await state.cursors.set('tickets/new', '');
    expect(await state.cursors.get('tickets/all')).toBe('2');
    expect(await state.cursors.get('tickets/new')).toBe('');
  },

  async 'a cursor survives kill -9 once set has resolved'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a cursor');
    await using state = await open();
    expect(await state.cursors.get('tickets/all')).toBe('page 7');
  },

  async 'cursors that are set at the same time are all kept, the last one of each feed'({ open }) {
    await using state = await open();
    const feeds = Array.from({ length: 50 }, (_, index) => `tickets/${index}` as const);
    await Promise.all(feeds.flatMap((feed) => [state.cursors.set(feed, 'first'), state.cursors.set(feed, 'last')]));
    const listed = await state.cursors.list();
    expect(listed.map(({ feed, position }) => [feed, position])).toEqual(feeds.sort().map((feed) => [feed, 'last']));
  },

  async 'cursors are listed with the time at which they were set'({ open }) {
    await using state = await open();
    const before = Date.now();
    await state.cursors.set('tickets/all', '1');
    const [cursor] = await state.cursors.list();
    expect(cursor?.setAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(cursor?.setAt.getTime()).toBeLessThanOrEqual(Date.now());
  },
};
