import type { FileSchema } from '../create-database.ts';

/** raw.db: what upstream sent. Nothing depends on it. Times are milliseconds since the epoch. */
export const rawSchema: FileSchema = {
  applicationId: 0x46465257, // FFRW
  synchronous: 'NORMAL',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE raw (
          seq INTEGER PRIMARY KEY,
          feed TEXT NOT NULL,
          first_at INTEGER NOT NULL,
          last_at INTEGER NOT NULL,
          heads TEXT NOT NULL,
          body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX raw_by_time ON raw (feed, last_at);
      `),
  ],
};
