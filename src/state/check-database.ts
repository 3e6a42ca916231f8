import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { stateError } from './classify.ts';
import type { FileSchema } from './create-database.ts';
import { refuseNewer } from './migrate.ts';

/** Bytes up to which a file is checked page by page at opening: about 1 ms per MiB from a warm cache. */
const checkedWhole = 64 * 1024 ** 2;

/** Throws STATE_DAMAGED or STATE_TOO_NEW unless `file` is a sound database of this kind. Changes nothing in it. */
export function checkDatabase(database: DatabaseSync, file: string, schema: FileSchema): void {
  const { size } = statSync(file);
  if (size === 0) throw stateError('STATE_DAMAGED', `${file} is empty; something has cut it off`);
  const applicationId = database.prepare('PRAGMA application_id').get()?.['application_id'];
  if (applicationId !== schema.applicationId) {
    throw stateError('STATE_DAMAGED', `${file} is a database, but not the one that belongs there`);
  }
  refuseNewer(database, file, schema.migrations);
  if (size > checkedWhole) return;
  const finding = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (finding !== 'ok') throw stateError('STATE_DAMAGED', `${file} is damaged: ${String(finding)}`);
}
