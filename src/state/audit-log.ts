import type { FeedName } from '../core/batch.ts';
import type { AuditLog } from '../core/state.ts';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

interface AuditRow {
  readonly at: number;
  readonly action: string;
  readonly feed: FeedName;
  readonly reason: string;
  readonly detail: string;
}

export function createAuditLog(database: Database, { commit }: GroupCommit): AuditLog {
  const append = database.prepare('INSERT INTO audit (at, action, feed, reason, detail) VALUES (?, ?, ?, ?, ?)');
  const list = database.prepare<AuditRow>(
    'SELECT at, action, feed, reason, detail FROM audit ORDER BY seq DESC LIMIT ?',
  );

  return {
    append: ({ at, action, feed, reason, detail }) =>
      commit(() => append.run(at.getTime(), action, feed, reason, JSON.stringify(detail ?? null))),
    async list(limit) {
      return list.all(limit).map((row) => ({
        ...row,
        at: new Date(row.at),
        detail: JSON.parse(row.detail) as unknown,
      }));
    },
  };
}
