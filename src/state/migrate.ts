import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { readable } from './classify.ts';
import { syncDirectory } from './directory.ts';
import { inTransaction } from './transaction.ts';

/** One step forward. Version n of a file is what the first n steps make of an empty one. */
export type Migration = (database: DatabaseSync) => void;

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
}

/** A copy of the file as it is, durable before it gets its name: the way back when a newer version must be undone. */
function backUp(database: DatabaseSync, file: string, version: number): void {
  const copy = `${file}.v${version}.backup`;
  const draft = `${copy}.new`;
  rmSync(draft, { force: true });
  database.prepare('VACUUM INTO ?').run(draft);
  const fd = openSync(draft, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, copy);
  syncDirectory(dirname(file));
}

/** Brings the schema up to date, each step in a transaction of its own: a failed one leaves the version before it. */
export function migrate(database: DatabaseSync, file: string, migrations: readonly Migration[]): void {
  const found = versionOf(database);
  if (found > 0 && found < migrations.length) backUp(database, file, found);
  for (const [index, migration] of migrations.entries()) {
    if (index < found) continue;
    // A step that does not fit what is there: the file says that it is older than it is.
    readable(file, () =>
      inTransaction(database, () => {
        migration(database);
        database.exec(`PRAGMA user_version = ${index + 1}`);
      }),
    );
  }
}
