import type { Migration } from './migrate.ts';

/** Jobs at upstreams, and what has to be said of them. */
export const requestsMigration: Migration = (database) =>
  database.exec(`
    CREATE TABLE requests (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      feed TEXT NOT NULL,
      source TEXT NOT NULL,
      through_bridge INTEGER NOT NULL,
      upstream_id TEXT,
      correlation_id TEXT,
      caller_reference TEXT,
      state TEXT NOT NULL,
      begun_at INTEGER NOT NULL,
      stalls_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX requests_by_upstream ON requests (feed, upstream_id) WHERE upstream_id IS NOT NULL;
    CREATE INDEX requests_open ON requests (feed, stalls_at) WHERE state IN ('sent', 'accepted');
    CREATE INDEX requests_ended ON requests (ended_at) WHERE ended_at IS NOT NULL;

    CREATE TABLE bridge_events (
      seq INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE,
      feed TEXT NOT NULL,
      source TEXT NOT NULL,
      kind TEXT NOT NULL,
      at INTEGER NOT NULL,
      facts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX bridge_events_by_feed ON bridge_events (feed, seq);
  `);

/** Answers to requests that wait to be published. A sequence is never given again: it names a place. */
export const answersMigration: Migration = (database) =>
  database.exec(`
    CREATE TABLE answers (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      feed TEXT NOT NULL,
      request_id TEXT NOT NULL,
      bytes BLOB NOT NULL,
      media_type TEXT NOT NULL,
      headers TEXT NOT NULL,
      received_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX answers_by_feed ON answers (feed, seq);
  `);
