import { cp, mkdir, open, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSpool } from '../../../src/state/spool/open-spool.ts';
import { openStore } from './spool-samples.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const feed = 'a/one';
const bodies = Array.from({ length: 200 }, (_, n) => `${n + 1} ${'x'.repeat(2_000)}`);
/** All salvage is done after the opening. */
const later = { salvageMs: 0 };

/** A closed spool of two hundred records, fifty of them released, whose header is gone. */
async function damagedSpool() {
  const directory = await temporaryDirectory();
  {
    using spool = openStore(directory.path);
    for (let n = 0; n < bodies.length; n += 20) spool.append(feed, bodies.slice(n, n + 20));
    spool.release(feed, 50);
  }
  await using file = await open(join(directory.path, 'spool.db'), 'r+');
  await file.write(new Uint8Array(100), 0, 100, 0);
  return directory;
}

const saved = new Map(bodies.map((body, n) => [n + 1, body] as const).slice(50));

test('while salvage is going on records are accepted, and reads wait for what comes before them', async () => {
  await using directory = await damagedSpool();
  using spool = openStore(directory.path, later);
  const [appended] = spool.append(feed, ['new']);
  expect(spool.store.salvaging()).toBe(true);
  expect(spool.store.read({ kind: 'read', feed, after: 0, records: 10, bytes: 1024 }).records).toEqual([]);
  const { records } = spool.readAll(feed);
  expect(records).toEqual(new Map([...saved, [appended?.sequence ?? 0, 'new']]));
  expect(spool.store.state().feeds).toMatchObject([{ records: 151, released: 50, gaps: 0 }]);
});

test('a reader of the spool gets the whole of it, however early it asks', async () => {
  await using directory = await damagedSpool();
  await using spool = openSpool({ dir: directory.path, maxBytes: 1024 ** 3, ...later });
  const { records } = await spool.read(feed, 0, { records: 1_000, bytes: 1024 ** 3 });
  expect(records.map(({ sequence }) => sequence)).toEqual([...saved.keys()]);
});

test('a salvage that was killed is done again, and what was accepted meanwhile is kept', async () => {
  await using directory = await damagedSpool();
  await using killed = await temporaryDirectory();
  {
    using spool = openStore(directory.path, later);
    spool.append(feed, ['new']);
    await cp(directory.path, killed.path, { recursive: true });
  }
  using spool = openStore(killed.path);
  const { records } = spool.readAll(feed);
  expect([...records.values()]).toEqual([...saved.values(), 'new']);
  expect(spool.store.state().feeds).toMatchObject([{ records: 151, gaps: 0 }]);
  expect(spool.append(feed, [bodies[199] ?? ''])).toEqual([{ status: 'duplicate', sequence: 200 }]);
});

test('a salvage that is done once more brings back nothing that was released meanwhile', async () => {
  await using directory = await damagedSpool();
  {
    using spool = openStore(directory.path);
    expect(spool.readAll(feed).records).toEqual(saved);
    spool.release(feed, 120);
    spool.append(feed, ['new']);
  }
  const [quarantine, salvage] = [join(directory.path, 'quarantine'), join(directory.path, 'salvage')];
  await mkdir(salvage, { recursive: true });
  for (const name of await readdir(quarantine)) await rename(join(quarantine, name), join(salvage, name));
  using spool = openStore(directory.path);
  const { records } = spool.readAll(feed);
  expect([...records.values()]).toEqual([...[...saved.values()].slice(70), 'new']);
  expect(spool.store.state().feeds).toMatchObject([{ released: 120, records: 81, gaps: 0 }]);
});
