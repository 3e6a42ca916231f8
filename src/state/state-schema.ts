import type { FileSchema } from './create-database.ts';
import { answersMigration, requestsMigration } from './requests-schema.ts';

/** state.db: what must survive a power cut. Times are milliseconds since the epoch. */
export const stateSchema: FileSchema = {
  applicationId: 0x46465354, // FFST
  synchronous: 'FULL',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE cursors (
          feed TEXT PRIMARY KEY,
          position TEXT NOT NULL,
          set_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE dead_letters (
          seq INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          feed TEXT NOT NULL,
          source TEXT NOT NULL,
          code TEXT NOT NULL,
          reason TEXT NOT NULL,
          stage TEXT NOT NULL,
          attempts INTEGER NOT NULL,
          batch_id TEXT NOT NULL,
          record_index INTEGER NOT NULL,
          first_at INTEGER NOT NULL,
          last_at INTEGER NOT NULL,
          media_type TEXT NOT NULL,
          headers TEXT NOT NULL,
          received_at INTEGER NOT NULL,
          bytes BLOB NOT NULL,
          envelope BLOB
        ) STRICT;
        CREATE INDEX dead_letters_by_feed ON dead_letters (feed, code);

        CREATE TABLE pauses (
          feed TEXT PRIMARY KEY
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit (
          seq INTEGER PRIMARY KEY,
          at INTEGER NOT NULL,
          action TEXT NOT NULL,
          feed TEXT NOT NULL,
          reason TEXT NOT NULL,
          detail TEXT NOT NULL
        ) STRICT;

        CREATE TABLE probe (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          written_at INTEGER NOT NULL
        ) STRICT;
      `),
    // Lists are made from the index alone: columns that stand behind the bytes of a record are dear to read.
    (database) =>
      database.exec(`
        ALTER TABLE dead_letters ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
        ALTER TABLE dead_letters ADD COLUMN partition_key TEXT;
        ALTER TABLE dead_letters ADD COLUMN destination TEXT;
        ALTER TABLE dead_letters ADD COLUMN closed_at INTEGER;
        ALTER TABLE dead_letters ADD COLUMN closed_reason TEXT;
        DROP INDEX dead_letters_by_feed;
        CREATE INDEX dead_letters_by_status ON dead_letters (status, feed, code, stage, last_at);
        CREATE INDEX dead_letters_parked ON dead_letters (feed, destination, partition_key, first_at)
          WHERE status = 'parked';
        CREATE INDEX dead_letters_closed ON dead_letters (closed_at) WHERE closed_at IS NOT NULL;
      `),
    // A JSON array of ids; NULL where there are none.
    (database) => database.exec('ALTER TABLE dead_letters ADD COLUMN others TEXT'),
    (database) =>
      database.exec(`
        CREATE TABLE registrations (
          feed TEXT PRIMARY KEY,
          status TEXT NOT NULL,
          id TEXT NOT NULL,
          former_id TEXT,
          fingerprint TEXT NOT NULL,
          changed_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
      `),
    requestsMigration,
    answersMigration,
  ],
};
