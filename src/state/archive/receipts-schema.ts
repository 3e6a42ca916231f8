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
          -- Of the last of its names.
          name_seq INTEGER NOT NULL,
          body TEXT NOT NULL
        ) STRICT;
        CREATE INDEX batch_by_id ON batch (batch_id);
        CREATE INDEX batch_by_time ON batch (feed, published_at);

        -- By what its events can be found, as CRC-32. In order of the batches, so that the oldest go together.
        CREATE TABLE name (
          seq INTEGER PRIMARY KEY,
          hash INTEGER NOT NULL,
          batch INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX name_by_hash ON name (hash);
      `),
  ],
};
