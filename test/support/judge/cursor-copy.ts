import type { DatabaseSync } from 'node:sqlite';
import { readCopy } from './database-copy.ts';

/** Up to where the feed of a bridge with one feed has come, by its state; undefined: it has not begun. */
export async function readCursor(stateDir: string): Promise<string | undefined> {
  const read = (database: DatabaseSync) => database.prepare('SELECT position FROM cursors').get();
  const row = await readCopy(stateDir, 'state.db', read);
  return row && String(row['position']);
}
