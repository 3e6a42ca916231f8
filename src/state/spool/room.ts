import { statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { toBridgeError } from '../../core/errors.ts';
import type { SpoolFile } from './file.ts';
import { pageSize } from './schema.ts';
import { diskReserve, fileBound, scarceDisk } from './settings.ts';

/** How much more goes into an open file. */
export interface FileRoom {
  pages(): { readonly total: number; readonly free: number };
  /** Bytes of records until the file is too large for `maxBytes`. */
  inFile(): number;
  /**
   * Bytes of so many records until no more than a reserve is left of the disk, out of which records can be released: a
   * spool that has filled its disk must be able to empty itself.
   */
  onDisk(records: number): number;
  /** Whether others may take the rest of the disk any moment. */
  isScarce(): boolean;
  /**
   * Moves what is in the WAL over, as far as there is room for it. The space that it had is used again, and is enough
   * for releases, whoever fills the disk.
   */
  emptyWal(): void;
}

/** Infinite where the disk does not say. */
function freeOnDisk(dir: string): number {
  try {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

export function fileRoom({ path, database, feeds }: SpoolFile, maxBytes: number): FileRoom {
  const ask = (name: string) => {
    const statement = database.prepare<Record<string, number>>(`PRAGMA ${name}`);
    return () => Number(Object.values(statement.get() ?? {})[0]);
  };
  const [total, free] = [ask('page_count'), ask('freelist_count')];
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

  return {
    pages: () => ({ total: total(), free: free() }),
    inFile() {
      const ids = feeds.all().reduce((sum, { remembered }) => sum + remembered, 0);
      return fileBound.factor * maxBytes + fileBound.bytesPerId * ids - (total() - free()) * pageSize;
    },
    onDisk(records) {
      // What is in the WAL alone has to go into the file yet; of each id, a page of its own is written.
      const owed = Math.max(0, total() * pageSize - (statSync(path, { throwIfNoEntry: false })?.size ?? 0));
      const left = freeOnDisk(dirname(path)) - owed - diskReserve - records * 2 * pageSize;
      const reused = free() * pageSize;
      // A byte is in the WAL first, and then in the file, too, where no free page takes it.
      return left <= reused ? left : (left + reused) / 2;
    },
    isScarce: () => freeOnDisk(dirname(path)) < scarceDisk,
    emptyWal() {
      try {
        checkpoint.all();
      } catch (error) {
        if (toBridgeError(error).code !== 'STATE_UNWRITABLE') throw error;
      }
    },
  };
}
