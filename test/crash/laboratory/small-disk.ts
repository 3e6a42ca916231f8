import { execFile } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A small disk in memory. */
export interface SmallDisk {
  /** Leaves no room. */
  fill(): Promise<void>;
  makeRoom(): Promise<void>;
}

/** Mounts one at a folder that is not there yet, until `resources` are gone. */
export async function mountSmallDisk(dir: string, resources: AsyncDisposableStack): Promise<SmallDisk> {
  await mkdir(dir, { mode: 0o700 });
  await run('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=700', 'feedferry-test', dir]);
  resources.defer(async () => void (await run('umount', [dir])));
  const filler = join(dir, 'filler');
  return {
    async fill() {
      for (let isFull = false; !isFull; ) {
        const { bavail, bsize } = await statfs(dir);
        isFull = bavail === 0;
        await writeFile(filler, Buffer.alloc(Math.max(1, bavail) * bsize), { flag: 'a' }).catch(() => {});
      }
    },
    makeRoom: () => rm(filler),
  };
}
