import { cp, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canMount, mountedDisk, mounts } from './mounted-disk.ts';
import { openStore, type StoreUnderTest } from './spool-samples.ts';

const feed = 'a/one';
const unwritable = expect.objectContaining({ code: 'STATE_UNWRITABLE' });

/** Appends until the disk takes no more, however often it is tried; how many records it took. */
function fillUp(spool: StoreUnderTest, size: number, round = 0): number {
  const together = size < 1_000 ? 100 : 10;
  let refusals = 0;
  for (let taken = 0; ; ) {
    try {
      spool.append(
        feed,
        Array.from({ length: together }, (_, n) => `${round} ${taken + n} ${'x'.repeat(size)}`),
      );
      spool.store.rest();
      taken += together;
      refusals = 0;
    } catch (error) {
      expect(error).toEqual(unwritable);
      refusals += 1;
      if (refusals === 3) return taken;
    }
  }
}

/** Leaves no room on a disk. Gives the file that takes it. */
async function fill(dir: string): Promise<string> {
  const filler = join(dir, 'filler');
  const { bavail, bsize } = await statfs(dir);
  await writeFile(filler, Buffer.alloc(bavail * bsize));
  return filler;
}

describe.skipIf(!canMount)('on a disk of its own that is smaller than the spool may be', mounts, () => {
  test.each([300, 3_000, 100_000])(
    'records of %i bytes that fill it can all be read and released, without room from elsewhere, and more is taken then',
    async (size) => {
      await using disk = await mountedDisk('size=48m');
      using spool = openStore(join(disk.path, 'spool'));
      for (let round = 0; round < 2; round += 1) {
        const before = spool.store.accepted(feed);
        const taken = fillUp(spool, size, round);
        expect(taken * size).toBeGreaterThan(10 * 1024 ** 2);
        expect(spool.store.state()).toMatchObject({ refusing: 'disk', feeds: [{ records: taken }] });
        expect(spool.readAll(feed).records.size).toBe(taken);
        for (let sequence = 1; sequence <= taken; sequence += 50) spool.release(feed, before + sequence);
        spool.release(feed, before + taken);
        while (spool.store.rest());
        spool.store.tick();
        expect(spool.store.state()).toMatchObject({ refusing: undefined, feeds: [{ records: 0 }] });
      }
      expect(spool.reports).toEqual([]);
    },
    60_000,
  );

  test('all can be released also when something else has taken what it had left', async () => {
    await using disk = await mountedDisk('size=48m');
    using spool = openStore(join(disk.path, 'spool'));
    const taken = fillUp(spool, 3_000);
    const filler = await fill(disk.path);
    for (let sequence = 1; sequence <= taken; sequence += 50) spool.release(feed, sequence);
    spool.release(feed, taken);
    expect(spool.store.state()).toMatchObject({ refusing: 'disk', feeds: [{ records: 0 }] });
    while (spool.store.rest());
    await rm(filler);
    spool.store.tick();
    expect(spool.store.state().refusing).toBeUndefined();
    expect(fillUp(spool, 3_000, 1)).toBeGreaterThan(taken / 2);
  });

  test('what is in it survives a kill meanwhile, and can be read and released', async () => {
    await using disk = await mountedDisk('size=48m');
    await using copy = await mountedDisk('size=48m');
    using killed = openStore(join(disk.path, 'spool'));
    const taken = fillUp(killed, 3_000);
    await cp(disk.path, copy.path, { recursive: true });
    using spool = openStore(join(copy.path, 'spool'));
    expect(spool.readAll(feed).records.size).toBe(taken);
    spool.release(feed, taken);
    expect(spool.store.state()).toMatchObject({ feeds: [{ records: 0, gaps: 0 }] });
    while (spool.store.rest());
    expect(fillUp(spool, 3_000, 1)).toBeGreaterThan(taken / 2);
  });
});

test.skipIf(!canMount)('when something else fills the disk, all goes on once there is room', mounts, async () => {
  await using disk = await mountedDisk('size=48m');
  using spool = openStore(join(disk.path, 'spool'));
  spool.append(feed, ['1', '2']);
  const filler = await fill(disk.path);
  const large = Array.from({ length: 10 }, (_, n) => `${n} ${'x'.repeat(500_000)}`);
  for (let n = 0; n < 3; n += 1) expect(() => spool.append(feed, large)).toThrow(unwritable);
  expect(spool.store.state().refusing).toBe('disk');
  expect([...spool.readAll(feed).records.values()]).toEqual(['1', '2']);
  await rm(filler);
  spool.store.tick();
  expect(spool.store.state().refusing).toBeUndefined();
  expect(spool.append(feed, large)).toHaveLength(10);
  expect(spool.readAll(feed).records.size).toBe(12);
});
