import { expect } from 'vitest';
import type { DeadLetterFilter } from '../../../src/core/state.ts';
import type { StatePromises } from '../state.ts';
import { later, noon, sampleLetter } from './samples.ts';

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
      { feed: 'a/1', code: 'RECORD_INVALID', count: 1, oldestAt: noon },
      { feed: 'a/1', code: 'RECORD_WITHOUT_ID', count: 2, oldestAt: noon },
      { feed: 'b/2', code: 'RECORD_INVALID', count: 1, oldestAt: noon },
    ]);
    expect(await listed({ after: 'c', limit: 10 })).toEqual(['b', 'a']);
    expect(await listed({ after: 'c', code: 'RECORD_WITHOUT_ID', limit: 1 })).toEqual(['a']);
    await expect(listed({ after: 'z', limit: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  },

  async 'dead letters are listed by status, stage and time; without a status, those that are not closed'({ open }) {
    await using state = await open();
    await state.deadLetters.add([
      sampleLetter({ id: 'a', stage: 'publish', lastAt: later(1) }),
      sampleLetter({ id: 'b', status: 'parked', stage: 'parked', lastAt: later(2) }),
      sampleLetter({ id: 'c', lastAt: later(3) }),
      sampleLetter({ id: 'd', lastAt: later(4) }),
    ]);
    await state.deadLetters.close(['c'], { status: 'redriven', reason: 'mended', at: later(5) });
    await state.deadLetters.close(['d'], { status: 'discarded', reason: 'a test', at: later(5) });
    const listed = async (filter: Omit<DeadLetterFilter, 'limit'>) =>
      (await state.deadLetters.list({ ...filter, limit: 10 })).map(({ id }) => id);
    expect(await listed({})).toEqual(['a', 'b']);
    expect(await listed({ status: ['redriven', 'discarded'] })).toEqual(['c', 'd']);
    expect(await listed({ status: ['discarded', 'open'] })).toEqual(['a', 'd']);
    expect(await listed({ stage: 'publish' })).toEqual(['a']);
    expect(await listed({ since: later(2) })).toEqual(['b']);
    expect(await listed({ until: later(2) })).toEqual(['a']);
    expect(await listed({ since: later(4), until: later(5), status: ['discarded'] })).toEqual(['d']);
    const counted = { feed: 'fenergo/journey', code: 'RECORD_WITHOUT_ID' } as const;
    expect(await state.deadLetters.counts()).toEqual([{ ...counted, count: 2, oldestAt: later(1) }]);
    expect(await state.deadLetters.counts({ status: ['redriven'] })).toEqual([
      { ...counted, count: 1, oldestAt: later(3) },
    ]);
  },

  async 'a dead letter is closed once, with reason and time, and stays as it is when its batch comes again'({ open }) {
    const closed = { status: 'discarded', closedReason: 'a test', closedAt: later(5) } as const;
    {
      await using state = await open();
      await state.deadLetters.add([sampleLetter()]);
      const { id } = sampleLetter();
      const closing = { status: 'discarded', reason: 'a test', at: later(5) } as const;
      expect(await state.deadLetters.close([id, 'unknown'], closing)).toEqual([id]);
      expect(await state.deadLetters.close([id], { status: 'redriven', reason: 'late', at: later(9) })).toEqual([]);
      await state.deadLetters.add([sampleLetter({ reason: 'again', attempts: 7 })]);
      await state.deadLetters.failedAgain(id, { ...sampleLetter(), reason: 'late', destination: undefined });
      expect(await state.deadLetters.get(id)).toEqual(sampleLetter(closed));
    }
    await using state = await open();
    expect(await state.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter(closed));
  },

  async 'a dead letter that fails again stays open, with one attempt more and the new reason'({ open }) {
    await using state = await open();
    await state.deadLetters.add([sampleLetter({ attempts: 3, destination: 'a' })]);
    const failure = {
      code: 'RECORD_INVALID',
      reason: 'other',
      stage: 'step',
      envelope: null,
      lastAt: later(9),
    } as const;
    await state.deadLetters.failedAgain(sampleLetter().id, { ...failure, destination: 'b' });
    const kept = await state.deadLetters.get(sampleLetter().id);
    expect(kept).toEqual(sampleLetter({ ...failure, attempts: 4, destination: 'b' }));
  },

  async 'what two destinations lack names none of them'({ open }) {
    await using state = await open();
    await state.deadLetters.add([sampleLetter({ destination: 'a' })]);
    await state.deadLetters.add([sampleLetter({ destination: 'a' })]);
    expect(await state.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter({ destination: 'a' }));
    await state.deadLetters.add([sampleLetter({ destination: 'b' })]);
    expect(await state.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter());
    await state.deadLetters.add([sampleLetter({ destination: 'b' })]);
    expect(await state.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter());
  },

  async 'of the other events of a record, those stay that no letter of it lacks'({ open }) {
    const { id } = sampleLetter();
    {
      await using state = await open();
      await state.deadLetters.add([sampleLetter({ others: ['1', '2', '3'] })]);
      expect(await state.deadLetters.get(id)).toEqual(sampleLetter({ others: ['1', '2', '3'] }));
      await state.deadLetters.add([sampleLetter({ others: ['2', '3', '4'] })]);
    }
    await using state = await open();
    expect(await state.deadLetters.get(id)).toEqual(sampleLetter({ others: ['2', '3'] }));
    await state.deadLetters.add([sampleLetter()]);
    expect(await state.deadLetters.get(id)).toEqual(sampleLetter());
  },

  async 'what is parked is listed by key, in the order in which it was parked, until it is closed'({ open }) {
    await using state = await open();
    const parked = (id: string, partitionKey: string, destination: string, at: number) =>
      sampleLetter({ id, partitionKey, destination, status: 'parked', stage: 'parked', firstAt: later(at) });
    await state.deadLetters.add([
      { ...parked('z', 'k2', 'd1', 1), stage: 'publish' },
      parked('y', 'k1', 'd1', 2),
      parked('x', 'k2', 'd1', 3),
      parked('w', 'k2', 'd2', 4),
      sampleLetter({ id: 'v', partitionKey: 'k3', destination: 'd1' }),
    ]);
    const feed = 'fenergo/journey';
    const ids = async (destination: string, key: string, limit = 10) =>
      (await state.deadLetters.parked(feed, destination, key, limit)).map(({ id }) => id);
    expect(await state.deadLetters.parkedKeys()).toEqual([
      { feed, destination: 'd1', key: 'k2', count: 2, since: later(1) },
      { feed, destination: 'd1', key: 'k1', count: 1, since: later(2) },
      { feed, destination: 'd2', key: 'k2', count: 1, since: later(4) },
    ]);
    expect(await ids('d1', 'k2')).toEqual(['z', 'x']);
    expect(await ids('d1', 'k2', 1)).toEqual(['z']);
    expect(await ids('d1', 'k3')).toEqual([]);
    await state.deadLetters.add([parked('z', 'k2', 'd1', 9)]);
    expect(await state.deadLetters.get('z')).toMatchObject({ stage: 'publish', firstAt: later(1) });
    await state.deadLetters.close(['z', 'w'], { status: 'redriven', reason: 'released', at: later(9) });
    expect(await ids('d1', 'k2')).toEqual(['x']);
    expect((await state.deadLetters.parkedKeys()).map(({ key }) => key)).toEqual(['k1', 'k2']);
  },

  async 'only what was closed before is pruned'({ open }) {
    await using state = await open();
    await state.deadLetters.add(['letter-a', 'letter-b', 'letter-c'].map((id) => sampleLetter({ id })));
    await state.deadLetters.close(['letter-a'], { status: 'redriven', reason: 'mended', at: later(1) });
    await state.deadLetters.close(['letter-b'], { status: 'discarded', reason: 'a test', at: later(2) });
    expect(await state.deadLetters.prune(later(2))).toBe(1);
    expect(await state.deadLetters.prune(later(2))).toBe(0);
    expect(await state.deadLetters.get('letter-a')).toBeUndefined();
    expect(await state.deadLetters.prune(later(99_999))).toBe(1);
    expect((await state.deadLetters.get('letter-c'))?.status).toBe('open');
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
