import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { readable, stateError } from './classify.ts';
import type { FileSchema } from './create-database.ts';

/** Bytes up to which a file is checked page by page at opening: about 1 ms per MiB from a warm cache. */
const checkedWhole = 64 * 1024 ** 2;

/** Throws STATE_DAMAGED or STATE_TOO_NEW unless `file` is a sound database of this kind. Changes nothing in it. */
export function checkDatabase(database: DatabaseSync, file: string, schema: FileSchema): void {
  const ask = (pragma: string) =>
    readable(file, () => Object.values(database.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
  const { size } = statSync(file);
  if (size === 0) throw stateError('STATE_DAMAGED', `${file} is empty; something has cut it off`);
  if (ask('application_id') !== schema.applicationId) {
    throw stateError('STATE_DAMAGED', `${file} is a database, but not the one that belongs there`);
  }
  checkVersion(file, Number(ask('user_version')), schema.migrations.length);
  if (size > checkedWhole) return;
  const finding = ask('quick_check(1)');
  if (finding !== 'ok') throw stateError('STATE_DAMAGED', `${file} is damaged: ${String(finding)}`);
}

function checkVersion(file: string, version: number, known: number): void {
  if (version < 1) throw stateError('STATE_DAMAGED', `${file} has schema version ${version}, which never was`);
  if (version <= known) return;
  throw stateError('STATE_TOO_NEW', `${file} has schema version ${version}; this bridge knows ${known}`, {
    hint: 'Start the newer version of the bridge, or give this one another state directory.',
  });
}
