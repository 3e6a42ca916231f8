import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { join } from 'node:path';

const triplets: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };
const library = `/usr/lib/${triplets[arch()] ?? arch()}/faketime/libfaketimeMT.so.1`;

/** Whether libfaketime is there (Debian: faketime). */
export const canFakeClocks = existsSync(library);

/** The wall clock of the processes that get `env`. What measures durations, the monotonic clock, stays true. */
export interface FakedClock extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  /** From now on it is so many seconds before (below 0) or after the true one. */
  jump(seconds: number): Promise<void>;
}

export async function fakedClock(): Promise<FakedClock> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-clock-'));
  const file = join(dir, 'offset');
  async function jump(seconds: number): Promise<void> {
    const text = `${seconds < 0 ? '' : '+'}${seconds}\n`;
    await writeFile(`${file}.new`, text);
    // Read at any moment, it is whole.
    await rename(`${file}.new`, file);
  }
  await jump(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    },
    jump,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
