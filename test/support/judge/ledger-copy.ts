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
 * The batches (`feed/batchId`) that the ledger of a killed bridge has, read from a copy: the files stay as the kill
 * left them.
 */
export async function readLedger(stateDir: string): Promise<ReadonlySet<string>> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-ledger-'));
  try {
    const file = join(dir, 'ledger.db');
    if (!(await copyIfThere(join(stateDir, 'ledger.db'), file))) return new Set();
    await copyIfThere(join(stateDir, 'ledger.db-wal'), `${file}-wal`);
    using database = new DatabaseSync(file);
    const rows = database.prepare("SELECT replace(feed, 'fenergo/', '') || '/' || batch_id AS name FROM ledger").all();
    return new Set(rows.map((row) => String(row['name'])));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
