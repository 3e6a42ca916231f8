import type { FileSchema } from './create-database.ts';

/** ledger.db. It prevents duplicates, not loss: an entry may go with a power cut, never with the process. */
export const ledgerSchema: FileSchema = {
  applicationId: 0x46464c47, // FFLG
  synchronous: 'NORMAL',
  migrations: [
    (database) =>
      database.exec(`
        -- In order of publication, so that a batch touches the last page and one page of the index.
        CREATE TABLE ledger (
          entry INTEGER PRIMARY KEY,
          feed TEXT NOT NULL,
          batch_id TEXT NOT NULL,
          digest TEXT NOT NULL,
          events INTEGER NOT NULL,
          whereabouts TEXT NOT NULL,
          published_at INTEGER NOT NULL,
          completed_at INTEGER
        ) STRICT;
        CREATE UNIQUE INDEX ledger_by_batch ON ledger (feed, batch_id, digest);
      `),
    (database) =>
      database.exec(`
        -- Of batches that some of several destinations are done with: a handful at a time.
        CREATE TABLE part (
          feed TEXT NOT NULL,
          batch_id TEXT NOT NULL,
          digest TEXT NOT NULL,
          destination TEXT NOT NULL,
          events INTEGER NOT NULL,
          whereabouts TEXT NOT NULL,
          published_at INTEGER NOT NULL,
          PRIMARY KEY (feed, batch_id, digest, destination)
        ) STRICT, WITHOUT ROWID;
      `),
  ],
};
