import { expect } from 'vitest';
import type { StatePromises } from '../state.ts';

export const pausePromises: StatePromises = {
  async 'a paused feed stays paused after kill -9 and restart'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a pause');
    await using state = await open();
    expect(await state.pauses.list()).toEqual(['fenergo/journey']);
  },

  async 'a feed is paused once, however often it is said, and resumed once'({ open }) {
    await using state = await open();
    await state.pauses.set('b/2', true);
    await state.pauses.set('a/1', true);
    await state.pauses.set('a/1', true);
    expect(await state.pauses.list()).toEqual(['a/1', 'b/2']);
    await state.pauses.set('a/1', false);
    await state.pauses.set('a/1', false);
    expect(await state.pauses.list()).toEqual(['b/2']);
  },
};
