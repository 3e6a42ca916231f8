import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { isLocked } from '../../../src/state/lock.ts';
import { runAndKill } from '../../conformance/state/killed.ts';
import { open, sqliteStore } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const locked = { code: 'STATE_LOCKED', disposition: 'fatal' };

/** What another process gets when it opens the state: an error code, or `opened`. */
async function openedElsewhere(dir: string): Promise<string> {
  const script = `
    const { open } = await import(${JSON.stringify(sqliteStore.module)});
    await open(${JSON.stringify(dir)}).then(() => console.log('opened'), (error) => console.log(error.code));`;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(other.stdout), once(other, 'exit')]);
  return output.trim();
}

test('who is refused learns which process holds the state, where and since when, and what to do', async () => {
  await using directory = await temporaryDirectory();
  await using _state = await open(directory.path);
  const error = await open(directory.path).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ ...locked, hint: expect.stringContaining('state.dir') });
  const holder = `held by process ${process.pid} on host ${hostname()}, since ${new Date().toISOString().slice(0, 10)}`;
  expect(error).toMatchObject({ message: expect.stringContaining(`${directory.path} is ${holder}`) });
});

test('who is refused is told so also when the side file is gone or garbage', async () => {
  await using directory = await temporaryDirectory();
  await using _state = await open(directory.path);
  for (const spoil of [
    () => writeFile(join(directory.path, 'lock.json'), '{"pid'),
    () => rm(join(directory.path, 'lock.json')),
  ]) {
    await spoil();
    await expect(open(directory.path)).rejects.toMatchObject({
      ...locked,
      message: expect.stringContaining('another process'),
    });
  }
});

test('another process is refused, also after this one has looked at the lock', async () => {
  await using directory = await temporaryDirectory();
  {
    await using _state = await open(directory.path);
    expect(await openedElsewhere(directory.path)).toBe('STATE_LOCKED');
    expect(await isLocked(directory.path)).toBe(true);
    await expect(open(directory.path)).rejects.toMatchObject(locked);
    expect(await openedElsewhere(directory.path)).toBe('STATE_LOCKED');
  }
  expect(await openedElsewhere(directory.path)).toBe('opened');
});

test('a second opener is refused by another name of the directory, too', async () => {
  await using directory = await temporaryDirectory();
  await using elsewhere = await temporaryDirectory();
  await using _state = await open(directory.path);
  await symlink(directory.path, join(elsewhere.path, 'link'));
  await expect(open(join(elsewhere.path, 'link'))).rejects.toMatchObject(locked);
});

test('a second opener is refused even when somebody deleted the lock file', async () => {
  await using directory = await temporaryDirectory();
  await using _state = await open(directory.path);
  await rm(join(directory.path, 'lock.db'));
  await expect(open(directory.path)).rejects.toMatchObject(locked);
});

test('asking whether a directory is locked creates nothing', async () => {
  await using directory = await temporaryDirectory();
  expect(await isLocked(join(directory.path, 'nowhere'))).toBe(false);
  expect(await isLocked(directory.path)).toBe(false);
  expect(await readdir(directory.path)).toEqual([]);
});

test('a directory is locked while it is held, and no longer', async () => {
  await using directory = await temporaryDirectory();
  {
    await using _state = await open(directory.path);
    expect(await isLocked(directory.path)).toBe(true);
  }
  expect(await isLocked(directory.path)).toBe(false);
});

test('a process that was killed holds nothing, whatever its side file says', async () => {
  await using directory = await temporaryDirectory();
  await runAndKill(sqliteStore.module, directory.path, 'a cursor');
  expect(JSON.parse(await readFile(join(directory.path, 'lock.json'), 'utf8'))).toHaveProperty('pid');
  expect(await isLocked(directory.path)).toBe(false);
  expect(await openedElsewhere(directory.path)).toBe('opened');
});

test('closing leaves plain files without a WAL, a journal or a holder', async () => {
  await using directory = await temporaryDirectory();
  await open(directory.path).then((state) => state[Symbol.asyncDispose]());
  expect((await readdir(directory.path)).sort()).toEqual(['ledger.db', 'lock.db', 'state.db']);
});
