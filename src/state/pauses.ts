import type { FeedName } from '../core/batch.ts';
import type { Pauses } from '../core/state.ts';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

export function createPauses(database: Database, { commit }: GroupCommit): Pauses {
  const list = database.prepare<{ readonly feed: FeedName }>('SELECT feed FROM pauses ORDER BY feed');
  const pause = database.prepare('INSERT INTO pauses VALUES (?) ON CONFLICT DO NOTHING');
  const resume = database.prepare('DELETE FROM pauses WHERE feed = ?');

  return {
    async list() {
      return list.all().map(({ feed }) => feed);
    },
    set: (feed, paused) => commit(() => (paused ? pause : resume).run(feed)),
  };
}
