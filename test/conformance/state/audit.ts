import { expect } from 'vitest';
import type { StatePromises } from '../state.ts';
import { later, noon } from './samples.ts';

export const auditPromises: StatePromises = {
  async 'an audit record survives kill -9 once append has resolved'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('an audit record');
    await using state = await open();
    expect(await state.audit.list(10)).toEqual([
      { at: noon, action: 'pause', feed: 'fenergo/journey', reason: 'upgrade', detail: { by: 'test' } },
    ]);
  },

  async 'audit records are listed newest first, also after a clock was set back'({ open }) {
    await using state = await open();
    const base = { action: 'discard', feed: 'fenergo/journey' } as const;
    const first = { ...base, at: later(60), reason: 'first', detail: ['x', 1, null] };
    const second = { ...base, at: noon, reason: 'second', detail: null };
    await state.audit.append(first);
    await state.audit.append(second);
    expect(await state.audit.list(10)).toEqual([second, first]);
    expect(await state.audit.list(1)).toEqual([second]);
  },
};
