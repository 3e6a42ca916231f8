import { statfs } from 'node:fs/promises';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

/** Bytes below which the disk counts as full: a WAL that is written over from its start needs none for a while. */
const reserve = 256 * 1024;

/** A probe for `State.writable`: writes for good, in the file that holds dead letters. */
export function createWritableProbe(dir: string, database: Database, { commit }: GroupCommit): () => Promise<boolean> {
  const write = database.prepare(
    'INSERT INTO probe VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at',
  );

  return async () => {
    try {
      const { bavail, bsize } = await statfs(dir);
      if (bavail * bsize < reserve) return false;
      await commit(() => write.run(Date.now()));
      return true;
    } catch {
      return false;
    }
  };
}
