import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

async function copyIfThere(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

/**
 * What a database in the state folder of a bridge has, read from a copy: the files stay as they are. Of a bridge that runs,
 * the copy may be of two moments: whoever looks at such a one looks again. Undefined: there is no such file.
 */
export async function readCopy<Result>(
  stateDir: string,
  name: 'ledger.db' | 'state.db',
  read: (database: DatabaseSync) => Result,
): Promise<Result | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-copy-'));
  try {
    const file = join(dir, name);
    if (!(await copyIfThere(join(stateDir, name), file))) return undefined;
    await copyIfThere(join(stateDir, `${name}-wal`), `${file}-wal`);
    using database = new DatabaseSync(file);
    return read(database);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
