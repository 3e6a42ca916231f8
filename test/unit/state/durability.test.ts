import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { durability, durabilityOf } from '../../../src/state/durability.ts';
import { canMount, mountedDisk, mounts } from './mounted-disk.ts';
import { temporaryDirectory } from './temporary-directory.ts';

test.each([
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0x858458f6, 'ramfs'],
  // The same number where a platform gives it as a signed one.
  [0x858458f6 | 0, 'ramfs'],
])('file system %i is not durable: %s', (type, name) => {
  expect(durabilityOf(type)).toEqual({ notDurable: name });
});

test.each([0xef53, 0x58465342, 0x9123683e, 0x6969])('file system %i (ext4, XFS, Btrfs, NFS) is durable', (type) => {
  expect(durabilityOf(type)).toBe('durable');
});

test('a directory that does not exist yet is judged by the one above it', async () => {
  await using directory = await temporaryDirectory();
  expect(await durability(join(directory.path, 'not', 'yet'))).toEqual(await durability(directory.path));
});

test('a directory that cannot be is refused as unwritable', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'file'), '');
  await expect(durability(join(directory.path, 'file', 'x'))).rejects.toMatchObject({ code: 'STATE_UNWRITABLE' });
});

test.skipIf(!canMount)('a disk in memory is not durable', mounts, async () => {
  await using disk = await mountedDisk('size=64k');
  expect(await durability(join(disk.path, 'state'))).toEqual({ notDurable: 'tmpfs' });
});
