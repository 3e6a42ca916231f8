import { expect } from 'vitest';
import type { DeadLetterFilter } from '../../../src/core/state.ts';
import type { StatePromises } from '../state.ts';
import { later, sampleLetter } from './samples.ts';

const { record } = sampleLetter();
const everyByte = Uint8Array.from({ length: 512 }, (_, index) => index % 256);

export const deadLetterPromises: StatePromises = {
  async 'a dead letter keeps all that it is made of'({ open }) {
    await using state = await open();
    const letter = sampleLetter({ envelope: Uint8Array.from(Buffer.from('{"specversion":"1.0"}')) });
    await state.deadLetters.add([letter]);
    expect(await state.deadLetters.get(letter.id)).toEqual(letter);
  },

  async 'a dead letter keeps its bytes, whatever they are'({ open }) {
    const cases = {
      every: everyByte,
      none: new Uint8Array(0),
      view: everyByte.subarray(200, 300),
      large: new Uint8Array(10_000_000).fill(7),
    };
    {
      await using state = await open();
      const letters = Object.entries(cases).map(([id, bytes]) => sampleLetter({ id, record: { ...record, bytes } }));
      await state.deadLetters.add(letters);
    }
    await using state = await open();
    for (const [id, bytes] of Object.entries(cases)) {
      const kept = await state.deadLetters.get(id);
      expect(Buffer.compare(kept?.record.bytes ?? Buffer.from('lost'), bytes), id).toBe(0);
    }
  },

  async 'a dead letter keeps headers and reasons that try to be something else'({ open }) {
    await using state = await open();
    const headers = JSON.parse('{"__proto__":"a","constructor":"b","x":"\\u0000\\"\'; --"}') as Record<string, string>;
    const reason = 'line\nline \u0000 "quoted" \u{1f600}';
    await state.deadLetters.add([sampleLetter({ reason, record: { ...record, headers } })]);
    const kept = await state.deadLetters.get(sampleLetter().id);
    expect(kept?.reason).toBe(reason);
    expect(Object.entries(kept?.record.headers ?? {})).toEqual(Object.entries(headers));
  },

  async 'a dead letter survives kill -9 once add has resolved'({ open, writtenByKilledProcess }) {
    await writtenByKilledProcess('a dead letter');
    await using state = await open();
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([sampleLetter()]);
  },

  async 'adding a dead letter again keeps its first time and its record, and tells what went wrong last'({ open }) {
    await using state = await open();
    await state.deadLetters.add([sampleLetter()]);
    const again = sampleLetter({
      code: 'RECORD_INVALID',
      reason: 'other',
      stage: 'publish',
      attempts: 4,
      firstAt: later(60),
      lastAt: later(60),
    });
    await state.deadLetters.add([again, again]);
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([{ ...again, firstAt: sampleLetter().firstAt }]);
  },

  async 'adding no dead letters does nothing'({ open }) {
    await using state = await open();
    await state.deadLetters.add([]);
    expect(await state.deadLetters.list({ limit: 10 })).toEqual([]);
  },

  async 'dead letters are listed oldest first, by feed and code, up to the limit, and counted'({ open }) {
    await using state = await open();
    await state.deadLetters.add([
      sampleLetter({ id: 'd', feed: 'b/2', code: 'RECORD_INVALID', firstAt: later(0) }),
      sampleLetter({ id: 'c', feed: 'a/1', code: 'RECORD_WITHOUT_ID', firstAt: later(1) }),
      sampleLetter({ id: 'b', feed: 'a/1', code: 'RECORD_INVALID', firstAt: later(2) }),
    ]);
    await state.deadLetters.add([sampleLetter({ id: 'a', feed: 'a/1', code: 'RECORD_WITHOUT_ID', firstAt: later(3) })]);
    const listed = async (filter: DeadLetterFilter) => (await state.deadLetters.list(filter)).map(({ id }) => id);
    expect(await listed({ limit: 10 })).toEqual(['d', 'c', 'b', 'a']);
    expect(await listed({ limit: 2 })).toEqual(['d', 'c']);
    expect(await listed({ feed: 'a/1', limit: 10 })).toEqual(['c', 'b', 'a']);
    expect(await listed({ feed: 'a/1', limit: 1 })).toEqual(['c']);
    expect(await listed({ code: 'RECORD_INVALID', limit: 10 })).toEqual(['d', 'b']);
    expect(await listed({ feed: 'a/1', code: 'RECORD_WITHOUT_ID', limit: 10 })).toEqual(['c', 'a']);
    expect(await listed({ feed: 'z/9', limit: 10 })).toEqual([]);
    expect(await state.deadLetters.counts()).toEqual([
      { feed: 'a/1', code: 'RECORD_INVALID', count: 1 },
      { feed: 'a/1', code: 'RECORD_WITHOUT_ID', count: 2 },
      { feed: 'b/2', code: 'RECORD_INVALID', count: 1 },
    ]);
  },

  async 'a dead letter is found by an unambiguous beginning of its id, and only by that'({ open }) {
    await using state = await open();
    const ids = ['abcdef00', 'abcdef01', 'abcdef', 'fedcba00', 'xy'];
    await state.deadLetters.add(ids.map((id) => sampleLetter({ id })));
    const found = async (id: string) => (await state.deadLetters.get(id))?.id;
    expect(await found('fedcba')).toBe('fedcba00');
    expect(await found('abcdef01')).toBe('abcdef01');
    expect(await found('abcdef')).toBe('abcdef');
    expect(await found('xy')).toBe('xy');
    expect(await found('fedcba1')).toBeUndefined();
    expect(await found('%%%%%%')).toBeUndefined();
    await expect(found('abcdef0')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(found('fedcb')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  },
};
