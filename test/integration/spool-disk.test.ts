import { execFile } from 'node:child_process';
import { cp, mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { SpoolReport } from '../../src/core/spool.ts';
import { openSpool } from '../../src/state/spool/open-spool.ts';
import { bodiesIn, feed, spoolEntry } from '../conformance/state/spool-samples.ts';
import { canMount, mountedDisk, mounts } from '../unit/state/mounted-disk.ts';

const run = promisify(execFile);
const unwritable = { code: 'STATE_UNWRITABLE', disposition: 'retryable' };
/** What is promised, and what the test gives it. */
const soon = { timeout: 10_000, interval: 100 };
const large = 'x'.repeat(200_000);

/** Leaves no room on a disk. Gives what makes room again. */
async function fill(dir: string): Promise<() => Promise<void>> {
  const filler = join(dir, 'filler');
  for (let { bavail, bsize } = await statfs(dir); bavail > 0; { bavail, bsize } = await statfs(dir)) {
    const written = await writeFile(filler, Buffer.alloc(Math.min(bavail * bsize, 1024 ** 2)), { flag: 'a' }).catch(
      () => null,
    );
    if (written === null) break;
  }
  return () => rm(filler);
}

/** A disk that takes writes and then fails to keep them: a file system in a file with holes, on a disk that has no room for them. */
async function failingDisk() {
  const below = await mountedDisk('size=12m');
  const image = join(below.path, 'image');
  const path = join(below.path, 'mounted');
  await mkdir(path);
  await run('truncate', ['-s', '64m', image]);
  await run('mkfs.ext2', ['-q', '-F', image]);
  await run('mount', ['-o', 'loop,errors=continue', image, path]);
  return {
    path,
    fail: () => fill(below.path),
    async [Symbol.asyncDispose]() {
      await run('umount', [path]);
      await below[Symbol.asyncDispose]();
    },
  };
}

async function tryFailingDisk(): Promise<boolean> {
  try {
    await using _disk = await failingDisk();
    return true;
  } catch {
    return false;
  }
}

const canFail = canMount && (await tryFailingDisk());

function openIn(dir: string) {
  const reports: SpoolReport[] = [];
  const spool = openSpool({ dir: join(dir, 'spool'), maxBytes: 1024 ** 3, onReport: (news) => reports.push(news) });
  return { spool, reports };
}

describe.skipIf(!canMount)('on a disk that fills up', mounts, () => {
  test('records are refused, those that are there are read, and all goes on within 10 s of there being room', async () => {
    await using disk = await mountedDisk('size=8m');
    const { spool, reports } = openIn(disk.path);
    await using _spool = spool;
    await spool.append(feed, [spoolEntry('before')]);
    const makeRoom = await fill(disk.path);

    const results = await Promise.allSettled(Array.from({ length: 80 }, () => spool.append(feed, [spoolEntry(large)])));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject(unwritable);
    expect((await spool.state()).refusing).toBe('disk');
    const kept = 1 + results.length - refused.length;
    expect((await spool.read(feed, 0, { records: 100, bytes: 1024 ** 3 })).records).toHaveLength(kept);

    await makeRoom();
    await vi.waitFor(async () => expect((await spool.state()).refusing).toBeUndefined(), soon);
    expect(await spool.append(feed, [spoolEntry('after')])).toEqual([{ status: 'spooled', sequence: kept + 1 }]);
    await spool.release(feed, kept);
    expect(await bodiesIn(spool)).toEqual(['after']);
    expect(reports).toEqual([]);
  });

  test('a spool that is begun on a full disk works once there is room', async () => {
    await using disk = await mountedDisk('size=8m');
    const makeRoom = await fill(disk.path);
    const { spool } = openIn(disk.path);
    await using _spool = spool;
    await expect(spool.append(feed, [spoolEntry('1')])).rejects.toMatchObject(unwritable);
    await makeRoom();
    expect(await spool.append(feed, [spoolEntry('1')])).toEqual([{ status: 'spooled', sequence: 1 }]);
  });

  test('a spool whose process was killed is read on a full disk', async () => {
    await using disk = await mountedDisk('size=8m');
    const { spool } = openIn(disk.path);
    {
      await using _spool = spool;
      await spool.append(feed, [spoolEntry('1'), spoolEntry('2')]);
      await cp(join(disk.path, 'spool'), join(disk.path, 'killed', 'spool'), { recursive: true });
    }
    await fill(disk.path);
    const killed = openIn(join(disk.path, 'killed'));
    await using _killed = killed.spool;
    expect(await bodiesIn(killed.spool)).toEqual(['1', '2']);
    await killed.spool.release(feed, 1).catch(() => {});
    expect(killed.reports).toEqual([]);
  });

  test('a spool that is closed on a full disk has everything when it is opened again', async () => {
    await using disk = await mountedDisk('size=8m');
    const { spool } = openIn(disk.path);
    await spool.append(feed, [spoolEntry('1'), spoolEntry(large), spoolEntry('2')]);
    const makeRoom = await fill(disk.path);
    await spool[Symbol.asyncDispose]();
    await makeRoom();
    const again = openIn(disk.path);
    await using _spool = again.spool;
    expect(await bodiesIn(again.spool)).toEqual(['1', large, '2']);
    expect(again.reports).toEqual([]);
  });
});

describe.skipIf(!canFail)('on a disk whose fsync fails', mounts, () => {
  test('records are refused, nothing of what was accepted is lost, and all goes on within 10 s', async () => {
    await using disk = await failingDisk();
    const { spool, reports } = openIn(disk.path);
    await using _spool = spool;
    const accepted = new Map<number, string>();
    async function append(body: string) {
      const [appended] = await spool.append(feed, [spoolEntry(body)]);
      if (appended) accepted.set(appended.sequence, body);
    }
    await append('before');
    const makeRoom = await disk.fail();
    const results = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => append(`${n} ${large}`)));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject(unwritable);
    await makeRoom();

    await vi.waitFor(() => append('after'), soon);
    const { records } = await spool.read(feed, 0, { records: 100, bytes: 1024 ** 3 });
    const there = new Map(records.map(({ sequence, entry }) => [sequence, Buffer.from(entry.record.bytes).toString()]));
    for (const [sequence, body] of accepted) expect(there.get(sequence)).toBe(body);
    expect([...accepted.keys()]).toEqual([...accepted.keys()].toSorted((a, b) => a - b));
    expect(reports.filter(({ kind }) => kind === 'gap')).toEqual([]);
  });
});
