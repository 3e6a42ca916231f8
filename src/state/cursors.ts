import type { FeedName } from '../core/batch.ts';
import type { Cursors } from '../core/state.ts';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

interface CursorRow {
  readonly feed: FeedName;
  readonly position: string;
  readonly set_at: number;
}

export function createCursors(database: Database, { commit }: GroupCommit): Cursors {
  const get = database.prepare<CursorRow>('SELECT * FROM cursors WHERE feed = ?');
  const list = database.prepare<CursorRow>('SELECT * FROM cursors ORDER BY feed');
  const set = database.prepare(`
    INSERT INTO cursors VALUES (?, ?, ?)
    ON CONFLICT (feed) DO UPDATE SET position = excluded.position, set_at = excluded.set_at`);

  return {
    async get(feed) {
      return get.get(feed)?.position;
    },
    set: (feed, position) => commit(() => set.run(feed, position, Date.now())),
    async list() {
      return list.all().map(({ feed, position, set_at }) => ({ feed, position, setAt: new Date(set_at) }));
    },
  };
}
