import type { Database } from '../database.ts';

/** How much room what is in a file takes. */
export interface Room {
  /** In bytes, without the pages that are free. */
  used(): number;
}

export function createRoom(database: Database): Room {
  const pages = database.prepare<{ page_count: number }>('PRAGMA page_count');
  const free = database.prepare<{ freelist_count: number }>('PRAGMA freelist_count');
  const size = database.prepare<{ page_size: number }>('PRAGMA page_size').get()?.page_size ?? 0;
  return {
    used: () => ((pages.get()?.page_count ?? 0) - (free.get()?.freelist_count ?? 0)) * size,
  };
}
