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

/** What the ledger of a killed bridge has, read from a copy: the files stay as the kill left them. */
async function readCopy<Result>(
  stateDir: string,
  read: (database: DatabaseSync) => Result,
): Promise<Result | undefined> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-ledger-'));
  try {
    const file = join(dir, 'ledger.db');
    if (!(await copyIfThere(join(stateDir, 'ledger.db'), file))) return undefined;
    await copyIfThere(join(stateDir, 'ledger.db-wal'), `${file}-wal`);
    using database = new DatabaseSync(file);
    return read(database);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const batchName = "replace(feed, 'fenergo/', '') || '/' || batch_id";

/** The batches (`feed/batchId`) that are entered. */
export async function readLedger(stateDir: string): Promise<ReadonlySet<string>> {
  const read = (database: DatabaseSync) => database.prepare(`SELECT ${batchName} AS name FROM ledger`).all();
  const rows = (await readCopy(stateDir, read)) ?? [];
  return new Set(rows.map((row) => String(row['name'])));
}

/** What some of several destinations are done with: `feed/batchId at broker`. */
export async function readLedgerParts(stateDir: string): Promise<ReadonlySet<string>> {
  const read = (database: DatabaseSync) => database.prepare(`SELECT ${batchName} AS name, whereabouts FROM part`).all();
  const rows = (await readCopy(stateDir, read)) ?? [];
  return new Set(rows.map((row) => `${row['name']} at ${String(row['whereabouts']).split(':')[0]}`));
}
