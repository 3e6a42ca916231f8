import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the names in a directory survive a power cut. */
export function syncDirectory(dir: string): void {
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Creates `dir` and what is missing above it, for this user only: dead letters are other people's data. */
export function makeDirectory(dir: string): void {
  const firstCreated = mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (firstCreated === undefined) return;
  for (let created = dir; created.length >= firstCreated.length; created = dirname(created)) {
    syncDirectory(dirname(created));
  }
}
