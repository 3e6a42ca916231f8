import { expect, test } from 'vitest';
import type { StoredEvent } from '../../conformance/sink/harness.ts';
import { judgeStored } from '../../conformance/sink-network/verdict.ts';

const published = new Map([
  ['a', ['a1', 'a2', 'a3']],
  ['b', ['b1', 'b2']],
]);

/** `a1` stands for the event with that id in lane `a`, `a1!` for a copy of it with other bytes. */
function judge(stored: string) {
  const events = stored.split(' ').map((word): StoredEvent => {
    const bytes = Buffer.from(word);
    return { id: word.replace('!', ''), partitionkey: word.charAt(0), bytes, data: bytes };
  });
  return judgeStored(published, events);
}

const good = { lost: 0, reordered: 0, doubled: 0, altered: 0 };

test('finds nothing where each lane is whole and in order', () => {
  expect(judge('b1 a1 b2 a2 a3')).toEqual(good);
});

test('counts what is lost', () => {
  expect(judge('a1 a3 b1')).toEqual({ ...good, lost: 2 });
});

test('counts what comes after a later one of its lane', () => {
  expect(judge('a1 a3 a2 b2 b1')).toEqual({ ...good, reordered: 2 });
});

test('counts copies, and does not take an early copy that comes late for a wrong order', () => {
  expect(judge('a1 a2 a3 a1 a2 b1 b2 b2')).toEqual({ ...good, doubled: 3 });
});

test('counts events whose copies differ', () => {
  expect(judge('a1 a1! a2 a3 b1 b2')).toEqual({ ...good, doubled: 1, altered: 1 });
});
