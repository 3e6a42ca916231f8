import type { FileSchema } from '../create-database.ts';
import { versionCrc } from './version.ts';

/** The size of a page, SQLite's own default: small, since ids are looked up all over the file. */
export const pageSize = 4096;

export const spoolVersion = 1;

/**
 * spool.db: records that were accepted and are not settled. Each feed has two tables of its own, made when it is first
 * heard of (feed-tables.ts), so that records are appended at the end of a tree and deleted at its beginning.
 */
export const spoolSchema: FileSchema = {
  applicationId: 0x46465350, // FFSP
  synchronous: 'FULL',
  autoVacuum: 'incremental',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE feed (
          number INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE,
          accepted INTEGER NOT NULL,
          released INTEGER NOT NULL,
          records INTEGER NOT NULL,
          bytes INTEGER NOT NULL,
          gaps INTEGER NOT NULL,
          -- Up to here, what is missing is in gaps.
          counted INTEGER NOT NULL,
          crc INTEGER NOT NULL
        ) STRICT;

        -- Rows whose content does not fit their CRC.
        CREATE TABLE damaged (
          number INTEGER PRIMARY KEY,
          feed TEXT NOT NULL,
          sequence INTEGER NOT NULL,
          found_at INTEGER NOT NULL,
          row TEXT NOT NULL,
          bytes BLOB
        ) STRICT;

        -- The version once more: a flipped bit in the header must not look like a newer file.
        CREATE TABLE about (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          version INTEGER NOT NULL,
          crc INTEGER NOT NULL
        ) STRICT;
        INSERT INTO about VALUES (1, ${spoolVersion}, ${versionCrc(spoolVersion)});
      `),
  ],
};
