import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { BridgeError } from '../../core/errors.ts';

const sqliteBusy = 5;

/**
 * Holds the only right to write to a log. SQLite's exclusive lock, because the operating system drops it when the
 * process dies in whatever way. Throws LOG_UNWRITABLE when another process has it. Gives what lets go of it.
 */
export function lockFolder(dir: string): () => void {
  const file = join(dir, '.lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // Nothing is ever stored in it, so it needs no journal on the disk.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const busy = error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
    const message = busy ? `another process is writing to ${dir}` : `cannot lock ${file}`;
    const hint = 'One bridge at a time may write to a log. Stop the other one, or give this one another `dir`.';
    throw new BridgeError('LOG_UNWRITABLE', message, busy ? { cause: error, hint } : { cause: error });
  }
  const held = database;
  return () => held.close();
}
