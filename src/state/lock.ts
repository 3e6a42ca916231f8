import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { classified, classify, isBusy, stateError } from './classify.ts';
import { announceHolder, describeHolder, withdrawHolder } from './holder.ts';

/*
 * One daemon at a time: an exclusive SQLite transaction on lock.db, held for life. The operating system drops it with
 * the process, also after kill -9; SQLite keeps two connections of one process apart as well. Nothing may read lock.db
 * past SQLite: on POSIX, closing any descriptor of a file drops all locks that the process has on it.
 */

const fileIn = (dir: string): string => join(dir, 'lock.db');

/** Milliseconds to wait for the moment in which `isLocked` of another process looks. */
const patienceMs = 250;

/** Takes the lock of a state directory, which must exist; disposing gives it back. Throws STATE_LOCKED when it is held. */
export function takeLock(dir: string): Disposable {
  const file = fileIn(dir);
  const database = classified(file, () => new DatabaseSync(file, { timeout: patienceMs }));
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    announceHolder(dir);
  } catch (error) {
    database.close();
    if (!isBusy(error)) throw classify(error, file);
    throw stateError('STATE_LOCKED', `${dir} is held by ${describeHolder(dir)}`, {
      hint: 'One daemon at a time may use a state directory. Stop that one, or give this one a `state.dir` of its own.',
      cause: error,
    });
  }
  return {
    [Symbol.dispose]() {
      withdrawHolder(dir);
      database.close();
    },
  };
}

/** Whether a process, this one included, holds the state directory. Creates nothing. */
export async function isLocked(dir: string): Promise<boolean> {
  const file = fileIn(dir);
  if (classified(file, () => statSync(file, { throwIfNoEntry: false })) === undefined) return false;
  const database = classified(file, () => new DatabaseSync(file, { readOnly: true }));
  try {
    database.exec('SELECT count(*) FROM sqlite_schema');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw classify(error, file);
  } finally {
    database.close();
  }
}
