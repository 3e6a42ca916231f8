import { crc32 } from 'node:zlib';
import type { Database } from '../database.ts';

/** Which batches may know a name. Writing goes on within a transaction of the caller. */
export interface ReceiptNames {
  /** Of batches that follow those before. */
  add(batches: { readonly first: number; readonly last: number }, hashes: readonly Uint32Array[]): void;
  /** Ranges of batches with such a name, and some without; oldest first. */
  find(name: string): readonly { readonly first: number; readonly last: number }[];
  drop(lastBatch: number): void;
}

/** So many names share a row: to find one, each row is looked into, and then the batches of those that have it. */
const namesPerRow = 4_096;

interface NamesRow {
  readonly first_batch: number;
  readonly last_batch: number;
  readonly hashes: Uint8Array;
}

function hashesOf({ hashes }: NamesRow): Uint32Array {
  // A copy, which begins where 32 bits may begin.
  return new Uint32Array(new Uint8Array(hashes).buffer);
}

function has(sorted: Uint32Array, hash: number): boolean {
  let [low, high] = [0, sorted.length - 1];
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = sorted[middle] ?? 0;
    if (found === hash) return true;
    if (found < hash) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}

export function createReceiptNames(database: Database): ReceiptNames {
  const insert = database.prepare('INSERT INTO names (last_batch, first_batch, hashes) VALUES (?, ?, ?)');
  const last = database.prepare<NamesRow>('SELECT * FROM names ORDER BY last_batch DESC LIMIT 1');
  const remove = database.prepare('DELETE FROM names WHERE last_batch = ?');
  const page = database.prepare<NamesRow>('SELECT * FROM names WHERE last_batch > ? ORDER BY last_batch LIMIT 100');
  const drop = database.prepare('DELETE FROM names WHERE last_batch <= ?');

  return {
    add(batches, hashes) {
      let { first } = batches;
      const all = [...hashes];
      const row = last.get();
      // A row that has room goes on.
      if (row && row.hashes.length < namesPerRow * Uint32Array.BYTES_PER_ELEMENT) {
        remove.run(row.last_batch);
        first = row.first_batch;
        all.push(hashesOf(row));
      }
      const sorted = new Uint32Array(all.reduce((sum, part) => sum + part.length, 0));
      let end = 0;
      for (const part of all) {
        sorted.set(part, end);
        end += part.length;
      }
      insert.run(batches.last, first, new Uint8Array(sorted.sort().buffer));
    },
    find(name) {
      const hash = crc32(name);
      const ranges: { first: number; last: number }[] = [];
      let after = 0;
      for (let rows = page.all(after); rows.length > 0; rows = page.all(after)) {
        for (const row of rows) {
          after = row.last_batch;
          if (has(hashesOf(row), hash)) ranges.push({ first: row.first_batch, last: row.last_batch });
        }
      }
      return ranges;
    },
    drop: (lastBatch) => void drop.run(lastBatch),
  };
}
