import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mayBeSkipped } from '../may-be-skipped.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, 'eio.c');

/** A disk that reports errors for what a process writes to one folder of it, while it is told to. */
export interface FailingDisk extends AsyncDisposable {
  /** For the environment of that process. */
  readonly env: Readonly<Record<string, string>>;
  fail(): Promise<void>;
  mend(): Promise<void>;
}

/** `below`: the folder. Rejects where there is no C compiler: see `canFail`. */
export async function failingDisk(below: string): Promise<FailingDisk> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-eio-'));
  try {
    await run('cc', ['-shared', '-fPIC', '-O1', '-o', join(dir, 'eio.so'), source, '-ldl']);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
  const flag = join(dir, 'fails');
  return {
    env: { LD_PRELOAD: join(dir, 'eio.so'), EIO_WHILE: flag, EIO_BELOW: below },
    fail: () => writeFile(flag, ''),
    mend: () => rm(flag, { force: true }),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** For the options of a test that lets a disk fail. */
export const fails = mayBeSkipped('there is no C compiler, to make a disk that fails');

export const canFail = await failingDisk('/nowhere').then(
  async (disk) => {
    await disk[Symbol.asyncDispose]();
    return true;
  },
  () => false,
);
