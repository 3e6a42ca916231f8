import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mayBeSkipped } from '../../support/may-be-skipped.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const run = promisify(execFile);

/** A small disk in memory, mounted for one test. Only root may do that: see `canMount`. */
export async function mountedDisk(options: string): Promise<TemporaryDirectory> {
  const directory = await temporaryDirectory();
  try {
    await run('mount', ['-t', 'tmpfs', '-o', options, 'feedferry-test', directory.path]);
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
  return {
    path: directory.path,
    async [Symbol.asyncDispose]() {
      await run('umount', [directory.path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

async function tryToMount(): Promise<boolean> {
  try {
    await using _disk = await mountedDisk('size=64k');
    return true;
  } catch {
    return false;
  }
}

/** For the options of a test that mounts a disk. */
export const mounts = mayBeSkipped('this user may not mount a disk');

/** Whether this machine lets the tests mount a disk; without that they are reported as skipped. */
export const canMount = await tryToMount();
