import type { FileSchema } from '../create-database.ts';

/** receipts.db: where events went. Nothing depends on it. Times are milliseconds since the epoch. */
export const receiptsSchema: FileSchema = {
  applicationId: 0x46465243, // FFRC
  synchronous: 'NORMAL',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE batch (
          seq INTEGER PRIMARY KEY,
          feed TEXT NOT NULL,
          batch_id TEXT NOT NULL,
          fetched_at INTEGER NOT NULL,
          published_at INTEGER NOT NULL,
          completed_at INTEGER,
          body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX batch_by_id ON batch (batch_id);

        -- What the events of some batches can be found by, as CRC-32, sorted: an index with an entry for each event would
        -- cost more than all the rest.
        CREATE TABLE names (
          last_batch INTEGER PRIMARY KEY,
          first_batch INTEGER NOT NULL,
          hashes BLOB NOT NULL
        ) STRICT;
      `),
  ],
};
