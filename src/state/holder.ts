import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pid } from 'node:process';

/*
 * A side file that says who holds the lock, for people. It decides nothing: after a kill -9 it stays behind until the
 * next holder writes its own.
 */

const fileIn = (dir: string): string => join(dir, 'lock.json');

export function announceHolder(dir: string): void {
  const holder = { pid, host: hostname(), startedAt: new Date().toISOString() };
  const draft = `${fileIn(dir)}.new`;
  writeFileSync(draft, `${JSON.stringify(holder)}\n`);
  renameSync(draft, fileIn(dir));
}

export function withdrawHolder(dir: string): void {
  rmSync(fileIn(dir), { force: true });
}

/** `process 4711 on host ferry-0, since 2026-11-22T10:15:30.250Z`; vague when the side file is missing or unreadable. */
export function describeHolder(dir: string): string {
  try {
    const holder = JSON.parse(readFileSync(fileIn(dir), 'utf8')) as Partial<Record<string, unknown>>;
    return `process ${String(holder['pid'])} on host ${String(holder['host'])}, since ${String(holder['startedAt'])}`;
  } catch {
    return 'another process';
  }
}
