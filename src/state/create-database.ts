import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stateError } from './classify.ts';
import { syncDirectory } from './directory.ts';
import { type Migration, migrate } from './migrate.ts';

/** What a database file holds, and how hard a commit is pressed onto the disk. */
export interface FileSchema {
  /** In the file's header: tells a ledger from dead letters, and both from strangers. */
  readonly applicationId: number;
  readonly migrations: readonly Migration[];
  /** `NORMAL`: a commit survives a crash of the process. `FULL`: also a power cut. */
  readonly synchronous: 'NORMAL' | 'FULL';
  /** Whether the file can be made smaller bit by bit. Default: it keeps the size that it once had. */
  readonly autoVacuum?: 'incremental';
}

/**
 * Makes an empty database under another name and moves it into place when it is whole, so that an empty or half-made
 * file is never anything but damage.
 */
export function createDatabase(file: string, schema: FileSchema): void {
  if (statSync(`${file}-wal`, { throwIfNoEntry: false }) !== undefined) {
    throw stateError('STATE_DAMAGED', `${file} is missing, but the newest part of it is in ${file}-wal`, {
      hint: 'Put the file back, or move the -wal file away as well to start again.',
    });
  }
  const draft = `${file}.new`;
  rmSync(draft, { force: true });
  rmSync(`${draft}-journal`, { force: true });
  closeSync(openSync(draft, 'wx', 0o600));
  const database = new DatabaseSync(draft);
  try {
    if (schema.autoVacuum) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
    database.exec(`PRAGMA synchronous = FULL; PRAGMA application_id = ${schema.applicationId}`);
    migrate(database, draft, schema.migrations);
  } finally {
    database.close();
  }
  renameSync(draft, file);
  syncDirectory(dirname(file));
}
