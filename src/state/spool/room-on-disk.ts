import { statfsSync } from 'node:fs';

/** Bytes that the disk below a folder still has for us; infinite where it does not say. */
export function roomOnDisk(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
