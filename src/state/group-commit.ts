import type { Database } from './database.ts';

export interface GroupCommit {
  /** Runs `write` in a transaction with what else waits, and resolves when it is on the disk. */
  commit(write: () => void): Promise<void>;
  /** Commits now what waits. */
  flush(): void;
}

interface Waiting {
  readonly write: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One fsync for all that is written in the same turn of the event loop. node:sqlite is synchronous: a commit holds the
 * main thread for about a millisecond, which is bearable for cursors, dead letters and what operators do.
 */
export function groupCommit(database: Database): GroupCommit {
  let waiting: Waiting[] = [];

  function commitTogether(group: readonly Waiting[]): void {
    try {
      database.checkInPlace();
      database.transaction(() => {
        for (const { write } of group) write();
      });
    } catch (error) {
      if (group.length === 1) group[0]?.reject(error);
      // One that cannot be written must not take the others with it.
      else for (const alone of group) commitTogether([alone]);
      return;
    }
    for (const { resolve } of group) resolve();
  }

  function flush(): void {
    const group = waiting;
    waiting = [];
    if (group.length > 0) commitTogether(group);
  }

  return {
    commit: (write) =>
      new Promise((resolve, reject) => {
        if (waiting.push({ write, resolve, reject }) === 1) setImmediate(flush);
      }),
    flush,
  };
}
