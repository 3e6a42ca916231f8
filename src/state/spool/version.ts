import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';

export function versionCrc(version: number): number {
  return crc32(`feedferry spool ${version}`);
}

/** Whether a file whose header names a version that is not known says the same inside. */
export function isReallyNewer(file: string, known: number): boolean {
  try {
    using database = new DatabaseSync(file, { readOnly: true });
    const row = database.prepare('SELECT version, crc FROM about').get();
    const version = Number(row?.['version']);
    return version > known && row?.['crc'] === versionCrc(version);
  } catch {
    return false;
  }
}
