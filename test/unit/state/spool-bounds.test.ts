import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openStore, type StoreUnderTest } from './spool-samples.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const feed = 'a/one';
const other = 'b/two';
const MiB = 1024 ** 2;
const refusal = expect.objectContaining({ code: 'SPOOL_FULL', retryAfterMs: expect.any(Number) });
const day = 86_400_000;

afterEach(() => vi.useRealTimers());

function sizeOf(dir: string): { readonly file: number; readonly wal: number } {
  const of = (name: string) => statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
  return { file: of('spool.db'), wal: of('spool.db-wal') };
}

/** Appends until the spool refuses; how many records it took. */
function fillUp(spool: StoreUnderTest, sizes: readonly number[]): number {
  const perCall = Math.max(...sizes) < 1_000 ? 50 : 5;
  const sizeOfNth = (nth: number) => sizes[nth % sizes.length] ?? 0;
  for (let n = 0; ; n += 1) {
    const bodies = Array.from({ length: perCall }, (_, m) => `${n}/${m} ${'x'.repeat(sizeOfNth(n * perCall + m))}`);
    try {
      spool.append(feed, bodies);
    } catch (error) {
      expect(error).toEqual(refusal);
      return n * perCall;
    }
  }
}

describe('when all feeds together have maxBytes', () => {
  test.each([[[100]], [[1_000]], [[2_100]], [[4_000]], [[5_000]], [[50, 3_900]], [[10, 100_000]]])(
    'records of %j bytes are refused, the file stays within 1.25 × that, and nothing is deleted',
    async (sizes) => {
      await using directory = await temporaryDirectory();
      using spool = openStore(directory.path, { maxBytes: 4 * MiB });
      const taken = fillUp(spool, sizes);
      const state = spool.store.state();
      expect(state).toMatchObject({ refusing: 'full', maxBytes: 4 * MiB });
      expect(state.bytes).toBeLessThanOrEqual(4 * MiB);
      expect(state.bytes).toBeGreaterThan(2.4 * MiB);
      expect(spool.readAll(feed).records.size).toBe(taken);
      spool.store.close();
      expect(sizeOf(directory.path).file).toBeLessThan(1.25 * 4 * MiB + taken * 100 + 100_000);
    },
  );

  test('records are accepted again once some are released, and duplicates are known meanwhile', async () => {
    await using directory = await temporaryDirectory();
    using spool = openStore(directory.path, { maxBytes: MiB });
    const taken = fillUp(spool, [1_000]);
    expect(() => spool.append(other, ['x'.repeat(2_000)])).toThrow(refusal);
    expect(spool.append(feed, [`0/0 ${'x'.repeat(1_000)}`])).toEqual([{ status: 'duplicate', sequence: 1 }]);
    spool.release(feed, 10);
    expect(spool.append(other, ['x'.repeat(2_000)])).toEqual([{ status: 'spooled', sequence: 1 }]);
    expect(spool.store.state().refusing).toBeUndefined();
    expect(spool.readAll(feed).records.size).toBe(taken - 10);
  });

  test('a call that does not fit leaves nothing of itself', async () => {
    await using directory = await temporaryDirectory();
    using spool = openStore(directory.path, { maxBytes: MiB });
    spool.append(feed, ['small']);
    expect(() => spool.append(feed, ['also small', 'x'.repeat(2 * MiB)])).toThrow(refusal);
    expect([...spool.readAll(feed).records.values()]).toEqual(['small']);
    expect(spool.append(feed, ['also small'])).toEqual([{ status: 'spooled', sequence: 2 }]);
  });
});

test('a feed whose oldest record is older than maxAge is refused more; others are not', async () => {
  await using directory = await temporaryDirectory();
  using spool = openStore(directory.path, { maxAgeMs: 7 * day });
  spool.append(feed, ['1', '2']);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * day });
  expect(() => spool.append(feed, ['3'])).toThrow(refusal);
  expect(spool.store.state().refusing).toBe('too-old');
  expect(spool.append(other, ['1'])).toHaveLength(1);
  spool.release(feed, 2);
  expect(spool.append(feed, ['3'])).toEqual([{ status: 'spooled', sequence: 3 }]);
  expect(spool.store.state().refusing).toBeUndefined();
});

test('under constant flow, neither the file nor its WAL grows', async () => {
  await using directory = await temporaryDirectory();
  using spool = openStore(directory.path, { memory: { ms: day, ids: 1_000 } });
  let most = 0;
  for (let round = 0; round < 400; round += 1) {
    const appended = spool.append(
      feed,
      Array.from({ length: 20 }, (_, n) => `${round}/${n} ${'x'.repeat(3_000)}`),
    );
    spool.release(feed, (appended.at(-1)?.sequence ?? 0) - 100);
    spool.store.rest();
    const { file, wal } = sizeOf(directory.path);
    if (round === 100) most = file;
    if (round > 100) expect(file).toBeLessThan(most * 1.5 + MiB);
    expect(wal).toBeLessThan(33 * MiB);
  }
});

test('a file that was large gives its space back', async () => {
  await using directory = await temporaryDirectory();
  using spool = openStore(directory.path, { maxBytes: 48 * MiB });
  const taken = fillUp(spool, [100_000]);
  expect(sizeOf(directory.path).file).toBeGreaterThan(40 * MiB);
  spool.release(feed, taken);
  while (spool.store.rest());
  spool.append(feed, ['and on']);
  spool.store.close();
  expect(sizeOf(directory.path).file).toBeLessThan(20 * MiB);
}, 60_000);

describe('ids are remembered', () => {
  test('of so many records of a feed, and no more', async () => {
    await using directory = await temporaryDirectory();
    using spool = openStore(directory.path, { memory: { ms: 7 * day, ids: 100 } });
    for (let n = 0; n < 300; n += 10)
      spool.append(
        feed,
        Array.from({ length: 10 }, (_, m) => `${n + m}`),
      );
    expect(spool.append(feed, ['299'])).toEqual([{ status: 'duplicate', sequence: 300 }]);
    expect(spool.append(feed, ['215'])).toEqual([{ status: 'duplicate', sequence: 216 }]);
    expect(spool.append(feed, ['150'])).toEqual([{ status: 'spooled', sequence: 301 }]);
  });

  test('for so long, also when the record is long gone', async () => {
    await using directory = await temporaryDirectory();
    using spool = openStore(directory.path);
    spool.append(feed, ['1']);
    spool.release(feed, 1);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6 * day });
    expect(spool.append(feed, ['1'])).toMatchObject([{ status: 'duplicate' }]);
    vi.setSystemTime(Date.now() + 2 * day);
    expect(spool.append(feed, ['1'])).toEqual([{ status: 'spooled', sequence: 2 }]);
  });
});

test('a state whose spool is not used has no file of it', async () => {
  await using directory = await temporaryDirectory();
  {
    await using state = await open(directory.path);
    await state.cursors.set('tickets/all', '1');
  }
  expect(existsSync(join(directory.path, 'spool'))).toBe(false);
});
