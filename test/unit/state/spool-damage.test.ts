import { cp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { full, seed } from '../../crash/scale.ts';
import { openStore } from './spool-samples.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const feeds = ['a/one', 'b/two'] as const;
const [accepted, released] = [240, 80];
const roll = dice(seed);
const upTo = (end: number) => Math.floor(roll() * end);

/** From a few bytes to three pages. */
const bodyOf = (feed: string, sequence: number) => `${feed} ${sequence} ${'x'.repeat((sequence * 379) % 12_000)}`;

/** As a spool lies on the disk: after a clean end, and after a kill -9. */
const sound = { closed: '', killed: '' };
let place: TemporaryDirectory;

beforeAll(async () => {
  place = await temporaryDirectory();
  sound.closed = join(place.path, 'closed');
  sound.killed = join(place.path, 'killed');
  using spool = openStore(sound.closed);
  for (let sequence = 1; sequence <= accepted; sequence += 8) {
    for (const feed of feeds)
      spool.append(
        feed,
        Array.from({ length: 8 }, (_, n) => bodyOf(feed, sequence + n)),
      );
  }
  for (const feed of feeds) spool.release(feed, released);
  await cp(sound.closed, sound.killed, { recursive: true });
});
afterAll(() => place[Symbol.asyncDispose]());

async function flip(file: string, bits: number, length?: number): Promise<void> {
  const bytes = await readFile(file);
  for (let n = 0; n < bits; n += 1) {
    const byte = upTo(Math.min(length ?? bytes.length, bytes.length));
    bytes.writeUInt8(bytes.readUInt8(byte) ^ (1 << upTo(8)), byte);
  }
  await writeFile(file, bytes);
}

async function overwrite(file: string, position: number, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(bytes, 0, bytes.length, position);
  await handle.close();
}

const random = (length: number) => Uint8Array.from({ length }, () => upTo(256));
const sizeOf = async (file: string) => (await stat(file)).size;

const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'cut off to nothing': (file) => truncate(file),
  'cut off in its first page': (file) => truncate(file, 1 + upTo(4095)),
  'cut off anywhere': async (file) => truncate(file, upTo(await sizeOf(file))),
  'cut off at a page': async (file) => truncate(file, 4096 * upTo((await sizeOf(file)) / 4096)),
  'with one bit flipped in its first 100 bytes': (file) => flip(file, 1, 100),
  'with one bit flipped anywhere': (file) => flip(file, 1),
  'with ten bits flipped': (file) => flip(file, 10),
  'with a page overwritten': async (file) => {
    await overwrite(file, 4096 * upTo((await sizeOf(file)) / 4096), random(4096));
  },
  'random bytes': async (file) => writeFile(file, random(20_000)),
  'a text file': (file) => writeFile(file, 'moved to another host, see the wiki\n'.repeat(400)),
  zeros: async (file) => writeFile(file, new Uint8Array(await sizeOf(file))),
  gone: (file) => rm(file),
};

/** What must be so whatever was damaged, since the other files were not. */
async function judge(dir: string): Promise<void> {
  const began = performance.now();
  using spool = openStore(dir);
  const state = spool.store.state();
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(state.refusing).toBeUndefined();
  for (const feed of feeds) {
    const { records, gaps } = spool.readAll(feed);
    const sequences = [...records.keys()];
    expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
    expect(sequences[0] ?? released + 1).toBeGreaterThan(released);
    for (const [sequence, body] of records) expect(body).toBe(bodyOf(feed, sequence));
    const isGap = (sequence: number) => gaps.some(({ from, to }) => sequence >= from && sequence <= to);
    const lost = [];
    for (let sequence = released + 1; sequence <= accepted; sequence += 1) {
      expect(records.has(sequence) !== isGap(sequence), `${feed} ${sequence}`).toBe(true);
      if (!records.has(sequence)) lost.push(sequence);
    }
    const use = spool.store.state().feeds.find((one) => one.feed === feed);
    expect(use?.gaps ?? 0).toBe(lost.length);
    // What is there is known, and what is lost may come again; no sequence is given out twice.
    const there = sequences.find((sequence) => sequence > released);
    if (there !== undefined) {
      expect(spool.append(feed, [bodyOf(feed, there)])).toEqual([{ status: 'duplicate', sequence: there }]);
    }
    const fresh = lost[0] === undefined ? 'new' : bodyOf(feed, lost[0]);
    const [appended] = spool.append(feed, [fresh]);
    expect(appended).toMatchObject({ status: 'spooled', sequence: expect.toSatisfy((n: number) => n > accepted) });
    expect(spool.readAll(feed).records.get(appended?.sequence ?? 0)).toBe(fresh);
  }
}

async function damaged(as: keyof typeof sound, name: string, damage: (file: string) => Promise<void>) {
  const directory = await temporaryDirectory();
  await cp(sound[as], directory.path, { recursive: true });
  await damage(join(directory.path, name));
  return directory;
}

const rounds = full ? 40 : 1;

describe(`a spool (FEEDFERRY_SEED=${seed})`, () => {
  describe.each(['closed', 'killed'] as const)('that was %s', (as) => {
    test('gives all that it has when nothing is damaged, and reports nothing', async () => {
      await using directory = await damaged(as, 'spool.db', async () => {});
      using spool = openStore(directory.path);
      for (const feed of feeds) {
        expect(spool.readAll(feed).records.size).toBe(accepted - released);
        expect(spool.append(feed, ['next'])).toEqual([{ status: 'spooled', sequence: accepted + 1 }]);
      }
      expect(spool.reports).toEqual([]);
      expect(await readdir(directory.path)).not.toContain('quarantine');
    });

    test.each(Object.keys(damages))('whose file is %s opens, with what is whole in it', async (damage) => {
      for (let round = 0; round < rounds; round += 1) {
        await using directory = await damaged(as, 'spool.db', damages[damage] ?? (async () => {}));
        await judge(directory.path);
      }
    });

    test.each(Object.keys(damages))('whose side file is %s opens, and loses nothing', async (damage) => {
      for (let round = 0; round < rounds; round += 1) {
        await using directory = await damaged(as, 'sequences', damages[damage] ?? (async () => {}));
        await judge(directory.path);
      }
    });
  });

  test.each(Object.keys(damages))('whose WAL is %s opens, and knows what it lost', async (damage) => {
    for (let round = 0; round < rounds; round += 1) {
      await using directory = await damaged('killed', 'spool.db-wal', damages[damage] ?? (async () => {}));
      await judge(directory.path);
    }
  });

  test('a bit flipped at the beginning of the WAL costs what it hits, not all that was appended after it', async () => {
    const damage = async (file: string) => {
      const bytes = await readFile(file);
      const third = 32 + 2 * (24 + 4096) + 1_000;
      bytes.writeUInt8(bytes.readUInt8(third) ^ 1, third);
      await writeFile(file, bytes);
    };
    await using directory = await damaged('killed', 'spool.db-wal', damage);
    using spool = openStore(directory.path);
    const there = feeds.reduce((sum, feed) => sum + spool.readAll(feed).records.size, 0);
    expect(there).toBeGreaterThanOrEqual(feeds.length * (accepted - released) - 10);
  });

  // Without both it is a new spool.
  const ofBoth = Object.keys(damages).filter((damage) => damage !== 'gone');
  test.each(ofBoth)('whose file and side file are both %s opens', async (damage) => {
    for (let round = 0; round < rounds; round += 1) {
      await using directory = await damaged('closed', 'spool.db', damages[damage] ?? (async () => {}));
      await damages[damage]?.(join(directory.path, 'sequences'));
      using spool = openStore(directory.path);
      for (const feed of feeds) {
        for (const [sequence, body] of spool.readAll(feed).records) expect(body).toBe(bodyOf(feed, sequence));
        const [appended] = spool.append(feed, ['new']);
        expect(appended?.sequence).toBeGreaterThan(accepted);
      }
    }
  });
});
