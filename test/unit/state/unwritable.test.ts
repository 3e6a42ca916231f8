import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sampleEntry, sampleLetter } from '../../conformance/state/samples.ts';
import { canMount, mountedDisk, mounts } from './mounted-disk.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const unwritable = { code: 'STATE_UNWRITABLE', disposition: 'retryable' };

async function fill(dir: string): Promise<string> {
  const filler = join(dir, 'filler');
  // Smaller and smaller writes, until not a page is left.
  for (let size = 1024 ** 2; size >= 1024; size /= 2) {
    for (let full = false; !full; ) {
      full = await writeFile(filler, Buffer.alloc(size), { flag: 'a' }).then(
        () => false,
        () => true,
      );
    }
  }
  return filler;
}

test('a directory that cannot be made is refused as unwritable, naming it', async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, 'file');
  await writeFile(file, '');
  await expect(open(join(file, 'state'))).rejects.toMatchObject(unwritable);
  await expect(open(join(file, 'state'))).rejects.toThrow(file);
});

test('a directory where a file should be is refused as unwritable', async () => {
  await using directory = await temporaryDirectory();
  await open(join(directory.path, 'state.db')).then((state) => state[Symbol.asyncDispose]());
  await expect(open(directory.path)).rejects.toMatchObject(unwritable);
});

test('dead letters are refused once their file was deleted or moved under the running bridge', async () => {
  await using directory = await temporaryDirectory();
  await using state = await open(directory.path);
  await rm(join(directory.path, 'state.db'));
  await expect(state.deadLetters.add([sampleLetter()])).rejects.toMatchObject(unwritable);
  expect(await state.writable()).toBe(false);
});

describe.skipIf(!canMount)('on a disk of its own', mounts, () => {
  test('a read-only disk is refused as unwritable', async () => {
    await using disk = await mountedDisk('ro');
    await expect(open(disk.path)).rejects.toMatchObject(unwritable);
    await expect(open(join(disk.path, 'below'))).rejects.toMatchObject(unwritable);
  });

  test('a full disk is refused as unwritable, and taken once there is space again', async () => {
    await using disk = await mountedDisk('size=2m');
    const filler = await fill(disk.path);
    await expect(open(disk.path)).rejects.toMatchObject(unwritable);
    await rm(filler);
    await using state = await open(disk.path);
    expect(await state.writable()).toBe(true);
  });

  test('when the disk fills up, writes are refused, nothing is half written, and all goes on when there is space', async () => {
    await using disk = await mountedDisk('size=4m');
    await using state = await open(disk.path);
    await state.deadLetters.add([sampleLetter({ id: 'before' })]);
    expect(await state.writable()).toBe(true);
    const filler = await fill(disk.path);

    const record = { ...sampleLetter().record, bytes: new Uint8Array(512 * 1024) };
    const tooMuch = [sampleLetter({ id: 'small' }), sampleLetter({ id: 'large', record })];
    await expect(state.deadLetters.add(tooMuch)).rejects.toMatchObject(unwritable);
    expect(await state.writable()).toBe(false);
    const entries = Array.from({ length: 2_000 }, (_, index) => sampleEntry({ batchId: String(index) }));
    await expect(Promise.all(entries.map((entry) => state.ledger.enter(entry)))).rejects.toMatchObject(unwritable);
    expect((await state.deadLetters.list({ limit: 10 })).map(({ id }) => id)).toEqual(['before']);

    await rm(filler);
    expect(await state.writable()).toBe(true);
    await state.deadLetters.add(tooMuch);
    await state.ledger.enter(sampleEntry());
    expect((await state.deadLetters.list({ limit: 10 })).map(({ id }) => id)).toEqual(['before', 'small', 'large']);
  });

  test('a full disk is not writable, even while the WAL has room left from before', async () => {
    await using disk = await mountedDisk('size=32m');
    await using state = await open(disk.path);
    const record = { ...sampleLetter().record, bytes: new Uint8Array(8 * 1024 ** 2) };
    await state.deadLetters.add([sampleLetter({ record })]);
    await fill(disk.path);
    await state.cursors.set('tickets/all', 'fits into the room');
    expect(await state.writable()).toBe(false);
  });

  test('what could not be moved out of the WAL at closing is there after the next opening', async () => {
    await using disk = await mountedDisk('size=4m');
    const state = await open(disk.path);
    const record = { ...sampleLetter().record, bytes: new Uint8Array(1024 * 1024) };
    await state.deadLetters.add([sampleLetter({ record })]);
    const filler = await fill(disk.path);
    await state[Symbol.asyncDispose]();
    await rm(filler);
    await using again = await open(disk.path);
    expect(await again.deadLetters.get(sampleLetter().id)).toEqual(sampleLetter({ record }));
  });
});
