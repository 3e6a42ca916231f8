import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { classify } from './classify.ts';

export type Durability = 'durable' | { readonly notDurable: 'tmpfs' | 'overlay' | 'ramfs' };

/** File systems that go with the container or the machine, by the magic numbers of Linux. */
const fleeting: ReadonlyMap<number, 'tmpfs' | 'overlay' | 'ramfs'> = new Map([
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0x858458f6, 'ramfs'],
]);

/** What the type number that statfs gives says about a disk. On other systems than Linux: durable. */
export function durabilityOf(type: number): Durability {
  const found = fleeting.get(type >>> 0);
  return found === undefined ? 'durable' : { notDurable: found };
}

/**
 * Whether what is written to `dir` survives the container. A directory that does not exist yet is judged by the nearest
 * one above it. Rejects with STATE_UNWRITABLE when it cannot be reached.
 */
export async function durability(dir: string): Promise<Durability> {
  const path = resolve(dir);
  try {
    return durabilityOf((await statfs(path)).type);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing && dirname(path) !== path) return durability(dirname(path));
    throw classify(error, path);
  }
}
