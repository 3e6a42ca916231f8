import type { DatabaseSync } from 'node:sqlite';
import { readCopy } from './database-copy.ts';

const batchName = "replace(feed, 'fenergo/', '') || '/' || batch_id";

/** The batches (`feed/batchId`) that the ledger of a killed bridge has. */
export async function readLedger(stateDir: string): Promise<ReadonlySet<string>> {
  const read = (database: DatabaseSync) => database.prepare(`SELECT ${batchName} AS name FROM ledger`).all();
  const rows = (await readCopy(stateDir, 'ledger.db', read)) ?? [];
  return new Set(rows.map((row) => String(row['name'])));
}

/** What some of several destinations are done with: `feed/batchId at broker`. */
export async function readLedgerParts(stateDir: string): Promise<ReadonlySet<string>> {
  const read = (database: DatabaseSync) => database.prepare(`SELECT ${batchName} AS name, whereabouts FROM part`).all();
  const rows = (await readCopy(stateDir, 'ledger.db', read)) ?? [];
  return new Set(rows.map((row) => `${row['name']} at ${String(row['whereabouts']).split(':')[0]}`));
}
