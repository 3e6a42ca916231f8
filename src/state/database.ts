import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { checkDatabase } from './check-database.ts';
import { classified, readable, stateError } from './classify.ts';
import { createDatabase, type FileSchema } from './create-database.ts';
import { migrate } from './migrate.ts';
import { inTransaction } from './transaction.ts';

/** A prepared statement. `Row` is what the SQL selects. */
export interface Statement<Row> {
  run(...values: SQLInputValue[]): number;
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): readonly Row[];
}

/** An open database file. Whatever fails, fails with a BridgeError that names the file. */
export interface Database extends Disposable {
  prepare<Row = never>(sql: string): Statement<Row>;
  transaction(work: () => void): void;
  /** Throws STATE_UNWRITABLE when the file was moved or deleted meanwhile: what is written now would be lost. */
  checkInPlace(): void;
}

/** Milliseconds to wait at opening for a backup tool that reads the file. */
const patienceMs = 1_000;

function prepareOn<Row>(database: DatabaseSync, file: string, sql: string): Statement<Row> {
  const statement = readable(file, () => database.prepare(sql));
  return {
    run: (...values) => classified(file, () => Number(statement.run(...values).changes)),
    get: (...values) => classified(file, () => statement.get(...values) as Row | undefined),
    all: (...values) => classified(file, () => statement.all(...values) as Row[]),
  };
}

function close(database: DatabaseSync): void {
  try {
    // Leaves one plain file that any tool can read, also on a read-only disk.
    database.exec('PRAGMA journal_mode = DELETE');
  } catch {
    // What cannot be moved over now stays in the WAL, and is read at the next open.
  }
  database.close();
}

/**
 * Opens `file`, creating or migrating it, in WAL mode and for this connection alone: a second guard beside the lock,
 * and no shared memory, whose pages would kill the process when a disk fails below them. Throws STATE_ codes.
 */
export function openDatabase(file: string, schema: FileSchema): Database {
  return classified(file, () => {
    if (statSync(file, { throwIfNoEntry: false }) === undefined) createDatabase(file, schema);
    const database = new DatabaseSync(file, { timeout: patienceMs });
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE');
      checkDatabase(database, file, schema);
      const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
      if (mode !== 'wal') throw stateError('STATE_UNWRITABLE', `${file} cannot be switched to WAL mode`);
      database.exec(`PRAGMA synchronous = ${schema.synchronous}`);
      migrate(database, file, schema.migrations);
    } catch (error) {
      database.close();
      throw error;
    }
    const { ino } = statSync(file, { bigint: true });
    return {
      prepare: (sql) => prepareOn(database, file, sql),
      transaction: (work) => classified(file, () => inTransaction(database, work)),
      checkInPlace() {
        if (statSync(file, { bigint: true, throwIfNoEntry: false })?.ino === ino) return;
        throw stateError('STATE_UNWRITABLE', `${file} was moved or deleted while it was in use`, {
          hint: 'Put it back if you can, and restart the bridge.',
        });
      },
      [Symbol.dispose]: () => close(database),
    };
  });
}
