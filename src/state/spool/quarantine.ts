import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory, syncDirectory } from '../directory.ts';
import { mostQuarantined } from './settings.ts';

/*
 * Where damaged files go: into `salvage` until what is whole in them was brought over, then into `quarantine`. Names
 * begin with the time, so that they sort by age.
 */

export interface Quarantine {
  /** Moves spool.db aside, and what goes with it, whatever is there of it; the path that it has then. */
  setAside(file: string): string;
  /** Files whose salvage is not done, oldest first. */
  pending(): readonly string[];
  /** Its salvage is done. Gives what it is called now, and old ones that had to go for it. */
  keep(pending: string): { readonly kept: string; readonly discarded: readonly string[] };
  /** Newest first. */
  list(): readonly string[];
}

function databasesIn(dir: string): readonly string[] {
  if (!existsSync(dir)) return [];
  const names = readdirSync(dir).filter((name) => name.endsWith('.db'));
  return names.sort().map((name) => join(dir, name));
}

/** What goes with a damaged file: its WAL as it is, and as it was before SQLite last looked at it. */
export const companions = ['-wal', '-wal-before'] as const;

function move(from: string, to: string): void {
  for (const ending of ['', ...companions]) {
    if (existsSync(`${from}${ending}`)) renameSync(`${from}${ending}`, `${to}${ending}`);
  }
}

export function openQuarantine(dir: string): Quarantine {
  const [waiting, kept] = [join(dir, 'salvage'), join(dir, 'quarantine')];

  return {
    setAside(file) {
      makeDirectory(waiting);
      const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
      let path = join(waiting, `spool-${stamp}.db`);
      for (let n = 2; existsSync(path); n += 1) path = join(waiting, `spool-${stamp}-${n}.db`);
      // Where the file itself is gone, a name is still needed for what is left of it.
      if (!existsSync(file)) writeFileSync(file, '');
      move(file, path);
      syncDirectory(waiting);
      return path;
    },
    pending: () => databasesIn(waiting),
    keep(pending) {
      makeDirectory(kept);
      const path = join(kept, pending.slice(waiting.length + 1));
      move(pending, path);
      syncDirectory(kept);
      const discarded = databasesIn(kept).slice(0, -mostQuarantined);
      for (const old of discarded) for (const ending of ['', ...companions]) rmSync(`${old}${ending}`, { force: true });
      return { kept: path, discarded };
    },
    list: () => [...databasesIn(kept)].reverse(),
  };
}
