import type { FileSchema } from '../create-database.ts';

/** raw.db: what upstream sent. Nothing depends on it. Times are milliseconds since the epoch. */
export const rawSchema: FileSchema = {
  applicationId: 0x46465257, // FFRW
  synchronous: 'NORMAL',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE batch (
          seq INTEGER PRIMARY KEY,
          feed TEXT NOT NULL,
          batch_id TEXT NOT NULL,
          fetched_at INTEGER NOT NULL,
          head TEXT NOT NULL,
          body BLOB NOT NULL
        ) STRICT;
        CREATE INDEX batch_by_time ON batch (feed, fetched_at);
      `),
  ],
};
