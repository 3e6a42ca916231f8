import { cp, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { full, seed } from '../../crash/scale.ts';
import { openStore } from './spool-samples.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const feed = 'a/one';
const bodies = (count: number, size = 300) => Array.from({ length: count }, (_, n) => `${n + 1} ${'x'.repeat(size)}`);

/** A closed spool of ten records, some of which `change` has had its way with. */
async function changed(change: (database: DatabaseSync) => void) {
  const directory = await temporaryDirectory();
  {
    using spool = openStore(directory.path);
    spool.append(feed, bodies(10));
  }
  using database = new DatabaseSync(join(directory.path, 'spool.db'));
  change(database);
  return directory;
}

test('a record whose bytes do not fit its CRC is a gap, kept for analysis and counted; the others are read', async () => {
  await using directory = await changed((database) =>
    database.exec("UPDATE record_1 SET bytes = CAST('altered' AS BLOB) WHERE sequence IN (4, 5)"),
  );
  {
    using spool = openStore(directory.path);
    const { records, gaps } = spool.readAll(feed);
    expect([...records.keys()]).toEqual([1, 2, 3, 6, 7, 8, 9, 10]);
    expect(gaps).toEqual([{ from: 4, to: 5 }]);
    expect(spool.reports).toEqual([{ kind: 'gap', feed, from: 4, to: 5, records: 2 }]);
    expect(spool.readAll(feed).gaps).toEqual([{ from: 4, to: 5 }]);
    expect(spool.store.state().feeds).toMatchObject([{ records: 8, gaps: 2, accepted: 10 }]);
    // What was lost may come again.
    expect(spool.append(feed, bodies(5).slice(2))).toEqual([
      { status: 'duplicate', sequence: 3 },
      { status: 'spooled', sequence: 11 },
      { status: 'spooled', sequence: 12 },
    ]);
  }
  using database = new DatabaseSync(join(directory.path, 'spool.db'));
  const kept = database.prepare('SELECT sequence, bytes FROM damaged').all();
  expect(kept.map(({ sequence }) => sequence)).toEqual([4, 5]);
  expect(Buffer.from(kept[0]?.['bytes'] as Uint8Array).toString()).toBe('altered');
});

test.each(['at = at + 1', "head = '[]'", "feed = 'b/two'", 'size = size + 1', 'sequence = 40', "id = x'00'"])(
  'the CRC is over all of a row: %s',
  async (change) => {
    await using directory = await changed((database) =>
      database.exec(`UPDATE record_1 SET ${change} WHERE sequence = 4`),
    );
    using spool = openStore(directory.path);
    const { records, gaps } = spool.readAll(feed);
    expect([...records.keys()]).toEqual([1, 2, 3, 5, 6, 7, 8, 9, 10]);
    expect(gaps).toEqual([{ from: 4, to: 4 }]);
  },
);

test('records that have vanished are a gap, also at the end', async () => {
  await using directory = await changed((database) =>
    database.exec('DELETE FROM record_1 WHERE sequence IN (2, 9, 10)'),
  );
  using spool = openStore(directory.path);
  expect(spool.readAll(feed).gaps).toEqual([
    { from: 2, to: 2 },
    { from: 9, to: 10 },
  ]);
  expect(spool.store.state().feeds).toMatchObject([{ records: 7, gaps: 3 }]);
  expect(spool.append(feed, ['next'])).toEqual([{ status: 'spooled', sequence: 11 }]);
});

test('a row of the feeds that does not fit its CRC is damage of the whole file, and costs no record', async () => {
  await using directory = await changed((database) => database.exec('UPDATE feed SET released = 5'));
  using spool = openStore(directory.path);
  expect(spool.readAll(feed).records.size).toBe(10);
  expect(spool.reports).toMatchObject([{ kind: 'damaged' }, { kind: 'salvaged', records: 10 }]);
});

test('a file of a newer version is refused, and left as it is', async () => {
  const { versionCrc } = await import('../../../src/state/spool/version.ts');
  await using directory = await changed((database) =>
    database.exec(`PRAGMA user_version = 7; UPDATE about SET version = 7, crc = ${versionCrc(7)}`),
  );
  const file = join(directory.path, 'spool.db');
  const before = await readFile(file);
  using spool = openStore(directory.path);
  expect(() => spool.append(feed, ['1'])).toThrow(expect.objectContaining({ code: 'STATE_TOO_NEW' }));
  expect((await readFile(file)).equals(before)).toBe(true);
});

test(
  `damage that comes while the spool is in use costs what it hits, and no crash (FEEDFERRY_SEED=${seed})`,
  async () => {
    const roll = dice(seed);
    for (let round = 0; round < (full ? 100 : 8); round += 1) {
      await using directory = await temporaryDirectory();
      using spool = openStore(directory.path);
      // The first thousand pages are in the file, the others in the WAL; most are too old for SQLite's cache.
      const all = bodies(1_000, 6_000);
      for (let n = 0; n < all.length; n += 50) spool.append(feed, all.slice(n, n + 50));
      for (const name of ['spool.db', 'spool.db-wal']) {
        const path = join(directory.path, name);
        const { size } = await stat(path);
        await using file = await open(path, 'r+');
        for (let n = 0; n < 20; n += 1)
          await file.write(Uint8Array.of(Math.floor(roll() * 256)), 0, 1, Math.floor(roll() * size));
      }
      const { records, gaps } = spool.readAll(feed);
      const lost = gaps.reduce((sum, { from, to }) => sum + Math.min(to, all.length) - from + 1, 0);
      expect(records.size + lost).toBe(all.length);
      expect(records.size).toBeGreaterThan(800);
      for (const [sequence, body] of records) expect(body).toBe(all[sequence - 1]);
      expect(spool.store.state().feeds[0]?.gaps).toBe(lost);
      expect(spool.append(feed, ['next'])[0]?.sequence).toBeGreaterThan(all.length);
    }
  },
  full ? 300_000 : 60_000,
);

test('a spool that was killed before anything was in it is not damaged', async () => {
  await using directory = await temporaryDirectory();
  await using killed = await temporaryDirectory();
  {
    using spool = openStore(directory.path);
    spool.store.state();
    await cp(directory.path, killed.path, { recursive: true });
  }
  using spool = openStore(killed.path);
  expect(spool.append(feed, ['1'])).toEqual([{ status: 'spooled', sequence: 1 }]);
  expect(spool.reports).toEqual([]);
});

test('of damaged files the newest few are kept, and it is told which had to go', async () => {
  await using directory = await temporaryDirectory();
  for (let round = 0; round < 5; round += 1) {
    {
      using spool = openStore(directory.path);
      spool.append(feed, [`${round}`]);
    }
    await using file = await open(join(directory.path, 'spool.db'), 'r+');
    await file.truncate(0);
  }
  using spool = openStore(directory.path);
  const { quarantined } = spool.store.state();
  expect(quarantined).toHaveLength(3);
  expect(quarantined).toEqual([...quarantined].sort().reverse());
  expect(spool.reports.map(({ kind }) => kind)).toContain('discarded');
});
