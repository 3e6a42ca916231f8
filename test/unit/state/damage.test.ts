import { randomBytes } from 'node:crypto';
import { copyFile, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { BridgeError } from '../../../src/core/errors.ts';
import { sampleEntry, sampleLetter } from '../../conformance/state/samples.ts';
import { open } from './sqlite-store.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

/** A closed state with some pages in both files. */
async function someState(): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory();
  await using state = await open(directory.path);
  for (let index = 0; index < 100; index += 1) await state.ledger.enter(sampleEntry({ batchId: String(index) }));
  await state.deadLetters.add(Array.from({ length: 50 }, (_, index) => sampleLetter({ id: `letter-${index}` })));
  return directory;
}

const damages: Readonly<Record<string, (file: string) => Promise<void>>> = {
  'cut off to nothing': (file) => truncate(file),
  'cut off in its header': (file) => truncate(file, 50),
  'cut off after its first page': (file) => truncate(file, 4096),
  'cut off in the middle of a page': async (file) => truncate(file, (await stat(file)).size - 1000),
  'random bytes': (file) => writeFile(file, randomBytes(16_384)),
  'a text file': (file) => writeFile(file, 'moved to another host, see the wiki\n'.repeat(400)),
  'an HTML page': (file) => writeFile(file, '<!doctype html>'),
  'overwritten in its second page': async (file) => {
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0xa5, 4096, 8192));
  },
  'another program’s database': async (file) => {
    await truncate(file);
    using stranger = new DatabaseSync(file);
    stranger.exec('CREATE TABLE bookmarks (url TEXT)');
  },
};

describe.each(['ledger.db', 'state.db'])('%s', (name) => {
  test.each(Object.keys(damages))('that is %s is refused as damaged, by name, and left as it is', async (damage) => {
    await using directory = await someState();
    const file = join(directory.path, name);
    await damages[damage]?.(file);
    const before = await readFile(file);
    const error = await open(directory.path).catch((reason: BridgeError) => reason);
    expect(error).toMatchObject({ code: 'STATE_DAMAGED', message: expect.stringContaining(file) });
    expect((await readFile(file)).equals(before)).toBe(true);
    await rename(file, `${file}.damaged`);
    await using again = await open(directory.path);
    expect(await again.writable()).toBe(true);
  });

  test('with one bit of its header flipped is refused by a state error, or still whole', async () => {
    await using directory = await someState();
    const file = join(directory.path, name);
    const sound = await readFile(file);
    for (let position = 0; position < 200; position += 1) {
      const flipped = Buffer.from(sound);
      const byte = position % 100;
      flipped.writeUInt8(flipped.readUInt8(byte) ^ (position < 100 ? 1 : 1 << (byte % 8)), byte);
      await writeFile(file, flipped);
      const result = await open(directory.path).catch((reason: BridgeError) => reason);
      if ('code' in result) {
        expect(result.code, `byte ${byte}: ${result.message}`).toMatch(/^STATE_(DAMAGED|TOO_NEW|UNWRITABLE)$/);
        continue;
      }
      await using state = result;
      expect(await state.ledger.list({ limit: 1_000 }), `byte ${byte}`).toHaveLength(100);
      expect(await state.deadLetters.list({ limit: 1_000 }), `byte ${byte}`).toHaveLength(50);
    }
  });
});

test('a table that somebody dropped is told as damage', async () => {
  await using directory = await someState();
  const file = join(directory.path, 'state.db');
  {
    using database = new DatabaseSync(file);
    database.exec('DROP TABLE pauses');
  }
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
});

test('two files that were mixed up are refused as damaged', async () => {
  await using directory = await someState();
  await copyFile(join(directory.path, 'state.db'), join(directory.path, 'ledger.db'));
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
});

test('a file that is missing while its newest part is still there is refused as damaged', async () => {
  await using directory = await someState();
  await rename(join(directory.path, 'state.db'), join(directory.path, 'state.db-wal'));
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
});

test('the newest part of a file that was cut off to nothing is left as it is', async () => {
  await using directory = await someState();
  const wal = join(directory.path, 'state.db-wal');
  await truncate(join(directory.path, 'state.db'));
  await writeFile(wal, 'the last hope');
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  expect(await readFile(wal, 'utf8')).toBe('the last hope');
});

test('a torn end of the WAL costs nothing of what was there before', async () => {
  await using directory = await someState();
  await writeFile(join(directory.path, 'state.db-wal'), randomBytes(5_000));
  await using state = await open(directory.path);
  expect(await state.deadLetters.list({ limit: 1_000 })).toHaveLength(50);
});

test('a half-made file of a start that was killed is made anew', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'state.db.new'), randomBytes(5_000));
  await writeFile(join(directory.path, 'state.db.new-journal'), randomBytes(5_000));
  await using state = await open(directory.path);
  expect(await state.writable()).toBe(true);
});
