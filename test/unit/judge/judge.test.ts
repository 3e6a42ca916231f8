import { describe, expect, it } from 'vitest';
import { type Evidence, judge, type StoredEvent } from '../../support/judge/judge.ts';
import { sampleBatch } from './sample-batch.ts';

function event(feed: string, id: string, text = `${feed} ${id}`): StoredEvent {
  return { feed, id, bytes: Buffer.from(text) };
}

const batches = [
  sampleBatch('journey', '1', 'a', 'b'),
  sampleBatch('screening', '1', 'x'),
  sampleBatch('journey', '2', 'c', 'd'),
];
const stored = [
  event('journey', 'a'),
  event('screening', 'x'),
  event('journey', 'b'),
  event('journey', 'c'),
  event('journey', 'd'),
];
const completes = batches.map(({ feed, batchId }) => ({ feed, batchId, absent: [] }));
const clean: Evidence = { batches, completes, stored };
const innocent = {
  open: [],
  lost: [],
  alien: [],
  reordered: [],
  scattered: [],
  early: [],
  doubled: [],
  altered: [],
};

describe('the judge', () => {
  it('finds nothing in a clean drain', () => {
    expect(judge(clean)).toEqual(innocent);
  });

  it('finds an event that is completed upstream and not in the sink', () => {
    const without = stored.filter(({ id }) => id !== 'c');
    expect(judge({ ...clean, stored: without })).toEqual({ ...innocent, lost: ['journey/c'] });
  });

  it('calls no event lost while upstream still has it, but the drain unfinished', () => {
    const held = batches.map((each) => (each.batchId === '2' ? { ...each, completed: null } : each));
    const verdict = judge({ ...clean, batches: held, stored: stored.slice(0, 3) });
    expect(verdict).toEqual({ ...innocent, open: ['journey/2'] });
  });

  it('finds an event that never was upstream, also one of another feed', () => {
    const verdict = judge({ ...clean, stored: [...stored, event('journey', 'x')] });
    expect(verdict).toEqual({ ...innocent, alien: ['journey/x'] });
  });

  it('finds events that overtook others', () => {
    const [a, x, b, c, d] = stored as [StoredEvent, StoredEvent, StoredEvent, StoredEvent, StoredEvent];
    expect(judge({ ...clean, stored: [a, x, c, b, d] }).reordered).toEqual(['journey/b']);
    expect(judge({ ...clean, stored: [x, c, d, a, b] }).reordered).toEqual(['journey/a', 'journey/b']);
  });

  it('lets events overtake those of other lanes, and finds those that overtook others of their own', () => {
    const [a, x, b, c, d] = stored as [StoredEvent, StoredEvent, StoredEvent, StoredEvent, StoredEvent];
    const odd = (each: StoredEvent) => ({ ...each, lane: 'odd', place: 1 });
    const even = (each: StoredEvent) => ({ ...each, lane: 'even', place: 0 });
    expect(judge({ ...clean, stored: [x, even(b), even(d), odd(a), odd(c)] })).toEqual(innocent);
    expect(judge({ ...clean, stored: [x, even(d), even(b), odd(a), odd(c)] }).reordered).toEqual(['journey/b']);
  });

  it('tells lanes of the same name in two feeds apart', () => {
    const [a, x, b, c, d] = stored as [StoredEvent, StoredEvent, StoredEvent, StoredEvent, StoredEvent];
    const inLane = [a, b, c, d, x].map((each) => ({ ...each, lane: 'one' }));
    expect(judge({ ...clean, stored: inLane })).toEqual(innocent);
  });

  it('finds a lane that is in two partitions, whatever the order within each', () => {
    const twoHomes = stored.map((each) => ({ ...each, lane: 'one', place: each.id === 'd' ? 2 : 1 }));
    expect(judge({ ...clean, stored: twoHomes })).toEqual({ ...innocent, scattered: ['journey/one'] });
  });

  it('takes a repetition for no overtaking when first occurrences are in order', () => {
    const again = [...stored.slice(0, 3), event('journey', 'a'), event('journey', 'b'), ...stored.slice(3)];
    expect(judge({ ...clean, stored: again })).toEqual({
      ...innocent,
      doubled: [{ feed: 'journey', batchId: '1', extra: 1 }],
    });
  });

  it('counts how often a batch is doubled, also when only a part of it is', () => {
    const verdict = judge({ ...clean, stored: [...stored, event('journey', 'd'), event('journey', 'd')] });
    expect(verdict.doubled).toEqual([{ feed: 'journey', batchId: '2', extra: 2 }]);
  });

  it('finds a complete that came before the events, though they came later', () => {
    const hasty = completes.map((each) => (each.batchId === '2' ? { ...each, absent: ['d'] } : each));
    expect(judge({ ...clean, completes: hasty })).toEqual({ ...innocent, early: ['journey/2'] });
  });

  it('finds an early complete also where a later one for the same batch was in time', () => {
    const hasty = [{ feed: 'screening', batchId: '1', absent: ['x'] }, ...completes];
    expect(judge({ ...clean, completes: hasty }).early).toEqual(['screening/1']);
  });

  it('trusts no completed batch whose complete nobody saw', () => {
    expect(judge({ ...clean, completes: completes.slice(1) }).early).toEqual(['journey/1']);
  });

  it('finds an event that was published again with other bytes', () => {
    const verdict = judge({ ...clean, stored: [...stored, event('journey', 'd', 'other')] });
    expect(verdict.altered).toEqual(['journey/d']);
  });
});
