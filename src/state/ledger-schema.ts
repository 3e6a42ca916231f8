import type { FileSchema } from './create-database.ts';

/** ledger.db. It prevents duplicates, not loss: an entry may go with a power cut, never with the process. */
export const ledgerSchema: FileSchema = {
  applicationId: 0x46464c47, // FFLG
  synchronous: 'NORMAL',
  migrations: [
    (database) =>
      database.exec(`
        CREATE TABLE ledger (
          feed TEXT NOT NULL,
          batch_id TEXT NOT NULL,
          digest TEXT NOT NULL,
          events INTEGER NOT NULL,
          whereabouts TEXT NOT NULL,
          published_at INTEGER NOT NULL,
          completed_at INTEGER,
          PRIMARY KEY (feed, batch_id, digest)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX ledger_by_time ON ledger (feed, published_at);
      `),
  ],
};
