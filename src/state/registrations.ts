import type { FeedName } from '../core/batch.ts';
import type { RegistrationRecord, Registrations } from '../core/registration.ts';
import type { Database } from './database.ts';
import type { GroupCommit } from './group-commit.ts';

interface RegistrationRow {
  readonly feed: FeedName;
  readonly status: RegistrationRecord['status'];
  readonly id: string;
  readonly former_id: string | null;
  readonly fingerprint: string;
  readonly changed_at: number;
}

function toRecord({ former_id: formerId, changed_at: changedAt, ...row }: RegistrationRow): RegistrationRecord {
  return { ...row, ...(formerId !== null && { formerId }), changedAt: new Date(changedAt) };
}

export function createRegistrations(database: Database, { commit }: GroupCommit): Registrations {
  const get = database.prepare<RegistrationRow>('SELECT * FROM registrations WHERE feed = ?');
  const list = database.prepare<RegistrationRow>('SELECT * FROM registrations ORDER BY feed');
  const set = database.prepare('INSERT OR REPLACE INTO registrations VALUES (?, ?, ?, ?, ?, ?)');

  return {
    async get(feed) {
      const row = get.get(feed);
      return row && toRecord(row);
    },
    set: ({ feed, status, id, formerId, fingerprint, changedAt }) =>
      commit(() => set.run(feed, status, id, formerId ?? null, fingerprint, changedAt.getTime())),
    async list() {
      return list.all().map(toRecord);
    },
  };
}
