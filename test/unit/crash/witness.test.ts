import { expect, test } from 'vitest';
import { createWitness } from '../../crash/laboratory/witness.ts';

/** Has these events. */
const having = (...there: readonly string[]) => ({
  absent: async (_feed: string, ids: readonly string[]) => ids.filter((id) => !there.includes(id)),
});
const spoolOf = (...there: readonly string[]) => ({
  absent: (_feed: string, ids: readonly string[]) => ids.filter((id) => !there.includes(id)),
});

async function unproved(witness: ReturnType<typeof createWitness>): Promise<readonly string[]> {
  void witness.told(['1', '2']);
  void witness.told(['3']);
  const names = [...(await witness.unproved()).keys()];
  expect(witness.looked).toBe(3);
  return names;
}

test('what the broker does not have when its upstream is told is not proved', async () => {
  expect(await unproved(createWitness(having('1', '3')))).toEqual(['2']);
});

test('a broker that cannot be asked has the last word afterwards, on all of them', async () => {
  const before = Date.now();
  const witness = createWitness({});
  expect(await unproved(witness)).toEqual(['1', '2', '3']);
  for (const at of (await witness.unproved()).values()) expect(at).toBeGreaterThanOrEqual(before);
});

test('what is in the spool is safe, and the broker is asked for the rest alone', async () => {
  expect(await unproved(createWitness(having('3'), spoolOf('1')))).toEqual(['2']);
  expect(await unproved(createWitness({}, spoolOf('1', '2')))).toEqual(['3']);
});
