import { expect } from 'vitest';
import type { StatePromises } from '../state.ts';
import { sampleEntry, sampleLetter } from './samples.ts';

export const ownershipPromises: StatePromises = {
  async 'a second opener is refused, and the first one goes on'({ open }) {
    await using first = await open();
    await expect(open()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    await first.cursors.set('tickets/all', '1');
    expect(await first.cursors.get('tickets/all')).toBe('1');
    await expect(open()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
  },

  async 'what was closed can be opened again'({ open }) {
    await (await open())[Symbol.asyncDispose]();
    await using again = await open();
    expect(await again.writable()).toBe(true);
  },

  async 'what a killed process held can be opened'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a cursor');
    await using state = await open();
    expect(await state.writable()).toBe(true);
  },

  async 'closing twice does no harm'({ open }) {
    const state = await open();
    await state[Symbol.asyncDispose]();
    await state[Symbol.asyncDispose]();
  },

  async 'after closing, every call is refused as unwritable'({ open }) {
    const state = await open();
    await state[Symbol.asyncDispose]();
    const refused = { code: 'STATE_UNWRITABLE' };
    await expect(state.ledger.find(sampleEntry())).rejects.toMatchObject(refused);
    await expect(state.ledger.enter(sampleEntry())).rejects.toMatchObject(refused);
    await expect(state.cursors.set('tickets/all', '1')).rejects.toMatchObject(refused);
    await expect(state.deadLetters.add([sampleLetter()])).rejects.toMatchObject(refused);
    expect(await state.writable()).toBe(false);
  },

  async 'a write that was asked for before closing is kept'({ open }) {
    const state = await open();
    const set = state.cursors.set('tickets/all', '1');
    await state[Symbol.asyncDispose]();
    await set;
    await using again = await open();
    expect(await again.cursors.get('tickets/all')).toBe('1');
  },
};
