import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { FileSchema } from '../../../src/state/create-database.ts';
import { openDatabase } from '../../../src/state/database.ts';
import { ledgerSchema } from '../../../src/state/ledger-schema.ts';
import type { Migration } from '../../../src/state/migrate.ts';
import { stateSchema } from '../../../src/state/state-schema.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const first: Migration = (database) => database.exec(`CREATE TABLE boats (name TEXT); INSERT INTO boats VALUES ('a')`);
const second: Migration = (database) => database.exec(`ALTER TABLE boats ADD COLUMN berth INTEGER DEFAULT 7`);
const third: Migration = (database) => database.exec(`UPDATE boats SET berth = berth + 1`);
const broken: Migration = (database) => database.exec(`DELETE FROM boats; INSERT INTO nowhere VALUES (1)`);

function schema(...migrations: Migration[]): FileSchema {
  return { applicationId: 42, synchronous: 'FULL', migrations };
}

function boatsIn(file: string): unknown[] {
  using database = new DatabaseSync(file, { readOnly: true });
  return database.prepare('SELECT * FROM boats').all();
}

test('a new file gets every step, and no backup', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'boats.db');
  openDatabase(file, schema(first, second, third))[Symbol.dispose]();
  expect(boatsIn(file)).toEqual([{ name: 'a', berth: 8 }]);
  expect(await readdir(directory.path)).toEqual(['boats.db']);
});

test('an older file gets the steps that it lacks, once, and is backed up before', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'boats.db');
  openDatabase(file, schema(first))[Symbol.dispose]();
  for (let start = 0; start < 2; start += 1) openDatabase(file, schema(first, second, third))[Symbol.dispose]();
  expect(boatsIn(file)).toEqual([{ name: 'a', berth: 8 }]);
  expect(boatsIn(`${file}.v1.backup`)).toEqual([{ name: 'a' }]);
  expect(await readdir(directory.path)).toEqual(['boats.db', 'boats.db.v1.backup']);
});

test('a backup can be opened by the version that it is for', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'boats.db');
  openDatabase(file, schema(first))[Symbol.dispose]();
  openDatabase(file, schema(first, second))[Symbol.dispose]();
  using database = openDatabase(`${file}.v1.backup`, schema(first));
  expect(database.prepare('SELECT name FROM boats').all()).toEqual([{ name: 'a' }]);
});

test('a step that fails changes nothing, keeps the steps before it, and is tried again at the next start', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'boats.db');
  openDatabase(file, schema(first))[Symbol.dispose]();
  expect(() => openDatabase(file, schema(first, second, broken))).toThrow();
  expect(boatsIn(file)).toEqual([{ name: 'a', berth: 7 }]);
  openDatabase(file, schema(first, second, third))[Symbol.dispose]();
  expect(boatsIn(file)).toEqual([{ name: 'a', berth: 8 }]);
});

test('a newer file is refused, unchanged, and says which versions there are', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'boats.db');
  openDatabase(file, schema(first, second))[Symbol.dispose]();
  expect(() => openDatabase(file, schema(first))).toThrow(
    expect.objectContaining({ code: 'STATE_TOO_NEW', message: `${file} has schema version 2; this bridge knows 1` }),
  );
  expect(boatsIn(file)).toEqual([{ name: 'a', berth: 7 }]);
});

test('a state of a newer bridge is refused as a whole, and its lock given back', async () => {
  await using directory = await temporaryDirectory();
  await open(directory.path).then((state) => state[Symbol.asyncDispose]());
  const file = join(directory.path, 'state.db');
  openDatabase(file, { ...stateSchema, migrations: [...stateSchema.migrations, () => {}] })[Symbol.dispose]();
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_TOO_NEW' });
  await expect(open(directory.path)).rejects.toMatchObject({ code: 'STATE_TOO_NEW' });
});

test('a ledger from before there were several destinations keeps its entries', async () => {
  await using directory = await temporaryDirectory();
  await open(directory.path).then((state) => state[Symbol.asyncDispose]());
  const file = join(directory.path, 'ledger.db');
  await rm(file);
  const [first = broken] = ledgerSchema.migrations;
  {
    using old = openDatabase(file, { ...ledgerSchema, migrations: [first] });
    old
      .prepare(
        'INSERT INTO ledger (feed, batch_id, digest, events, whereabouts, published_at) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run('fenergo/journey', '7', 'abc', 1, 'there', 1);
  }
  await using state = await open(directory.path);
  const key = { feed: 'fenergo/journey', batchId: '7', digest: 'abc' } as const;
  expect(await state.ledger.find(key)).toMatchObject({ whereabouts: 'there' });
  expect(await state.ledger.findParts(key)).toEqual([]);
});
