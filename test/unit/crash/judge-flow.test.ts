import { expect, test } from 'vitest';
import { judgeFlow } from '../../crash/laboratory/judge-flow.ts';

const promised = ['1', '2', '3', '4'];

/** Stored as `id@key`, the first at 1 ms, the next at 2 ms. */
function judge(
  stored: readonly string[],
  { keepsOrder = true, isWhole = (): boolean => true, unproved = {}, losable = new Set<string>() } = {},
) {
  const read = async () =>
    stored.map((text, at) => {
      const [id = '', partitionkey = 'k'] = text.split('@');
      return {
        feed: 'journey',
        bytes: Buffer.from(JSON.stringify({ id, partitionkey, data: {} })),
        appendedAt: at + 1,
      } as const;
    });
  return judgeFlow({ keepsOrder, read }, promised, isWhole, new Map(Object.entries(unproved)), losable);
}

const clean = { lost: [], reordered: [], strange: [], altered: [], early: [], doubled: 0 };

test('a clean run has each event once, those of a key in order', async () => {
  expect(await judge(['1', '2', '3', '4'])).toEqual(clean);
  expect(await judge(['2@b', '4@b', '1@a', '3@a'])).toEqual(clean);
});

test('what is not there is lost, and what nobody sent is strange', async () => {
  expect(await judge(['1', '2', '4', '5'])).toEqual({ ...clean, lost: ['3'], strange: ['5'] });
});

test('what may be missing is not lost', async () => {
  expect(await judge(['1', '4'], { losable: new Set(['3']) })).toEqual({ ...clean, lost: ['2'] });
});

test('what is there again is doubled; its order is that of the first time', async () => {
  expect(await judge(['1', '2', '1', '2', '3', '4'])).toEqual({ ...clean, doubled: 2 });
});

test('what comes after one that was to follow it is reordered, where order is kept', async () => {
  expect(await judge(['1', '3', '2', '4'])).toEqual({ ...clean, reordered: ['2'] });
  expect(await judge(['1', '3', '2', '4'], { keepsOrder: false })).toEqual(clean);
});

test('what has other data is altered', async () => {
  expect(await judge(promised, { isWhole: () => false })).toEqual({ ...clean, altered: promised });
});

test('what was told is early where it was stored only later, or not at all', async () => {
  expect(await judge(promised, { unproved: { 1: 1, 2: 1, 3: 4 } })).toEqual({ ...clean, early: ['2'] });
  expect(await judge(['1', '2', '3'], { unproved: { 4: 9 } })).toEqual({ ...clean, lost: ['4'], early: ['4'] });
});
