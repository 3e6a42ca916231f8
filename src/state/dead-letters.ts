import type { FeedName } from '../core/batch.ts';
import { BridgeError, type ErrorCode } from '../core/errors.ts';
import type { DeadLetters, ParkedKey } from '../core/state.ts';
import type { Database } from './database.ts';
import { choiceOf } from './dead-letter-choice.ts';
import { type DeadLetterRow, deadLetterColumns, deadLetterValues, toDeadLetter } from './dead-letter-row.ts';
import type { GroupCommit } from './group-commit.ts';

interface CountRow {
  readonly feed: FeedName;
  readonly code: ErrorCode;
  readonly count: number;
  readonly oldest_at: number;
}

interface ParkedRow extends Omit<ParkedKey, 'since'> {
  readonly since: number;
}

/** Characters of an id that `get` wants at least when it is not whole. */
const shortestBeginning = 6;

/** Letters that one prune looks at: each takes its bytes with it. */
const pruneChunk = 1_000;

export function createDeadLetters(database: Database, { commit }: GroupCommit): DeadLetters {
  // What is closed stays closed; what only waits behind another tells nothing of one that was refused itself.
  const add = database.prepare(`
    INSERT INTO dead_letters (${deadLetterColumns.join(', ')}) VALUES (${deadLetterColumns.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET code = excluded.code, reason = excluded.reason, stage = excluded.stage,
      attempts = excluded.attempts, envelope = excluded.envelope, last_at = excluded.last_at, status = excluded.status,
      partition_key = coalesce(excluded.partition_key, partition_key),
      destination = iif(destination IS excluded.destination, destination, NULL),
      others = (SELECT nullif(json_group_array(value), '[]') FROM json_each(coalesce(others, '[]'))
        WHERE value IN (SELECT value FROM json_each(coalesce(excluded.others, '[]'))))
    WHERE status IN ('open', 'parked') AND excluded.status IN ('open', 'parked')
      AND (excluded.stage <> 'parked' OR stage = 'parked')`);
  const failedAgain = database.prepare(`
    UPDATE dead_letters SET code = ?, reason = ?, stage = ?, envelope = ?, last_at = ?, destination = ?,
      attempts = attempts + 1 WHERE id = ? AND status IN ('open', 'parked')`);
  const close = database.prepare(`
    UPDATE dead_letters SET status = ?, closed_reason = ?, closed_at = ?
    WHERE id = ? AND status IN ('open', 'parked')`);
  const prune = database.prepare(`
    DELETE FROM dead_letters WHERE seq IN (SELECT seq FROM dead_letters WHERE closed_at < ? ORDER BY closed_at LIMIT ?)`);

  const whole = database.prepare<DeadLetterRow>('SELECT * FROM dead_letters WHERE id = ?');
  const beginning = database.prepare<DeadLetterRow>(
    'SELECT * FROM dead_letters WHERE id >= ?1 AND id < ?1 || char(0x10ffff) ORDER BY id LIMIT 2',
  );
  const seqOf = database.prepare<{ readonly seq: number }>('SELECT seq FROM dead_letters WHERE id = ?');
  const parkedKeys = database.prepare<ParkedRow>(`
    SELECT feed, destination, partition_key AS key, count(*) AS count, min(first_at) AS since
    FROM dead_letters INDEXED BY dead_letters_parked
    WHERE status = 'parked' AND destination IS NOT NULL AND partition_key IS NOT NULL
    GROUP BY feed, destination, partition_key ORDER BY min(seq)`);
  const parked = database.prepare<DeadLetterRow>(`
    SELECT * FROM dead_letters WHERE seq IN (
      SELECT seq FROM dead_letters INDEXED BY dead_letters_parked
      WHERE status = 'parked' AND feed = ? AND destination = ? AND partition_key = ? ORDER BY seq LIMIT ?)
    ORDER BY seq`);

  function seqAfter(id: string): number {
    const found = seqOf.get(id);
    if (found !== undefined) return found.seq;
    throw new BridgeError('NOT_FOUND', `there is no dead letter ${id} any more to go on after`);
  }

  return {
    add: (letters) =>
      commit(() => {
        for (const letter of letters) add.run(...deadLetterValues(letter));
      }),
    failedAgain: (id, { code, reason, stage, envelope, lastAt, destination }) =>
      commit(() => {
        failedAgain.run(code, reason, stage, envelope, lastAt.getTime(), destination ?? null, id);
      }),
    async close(ids, { status, reason, at }) {
      let closed: readonly string[] = [];
      await commit(() => {
        closed = ids.filter((id) => close.run(status, reason, at.getTime(), id) > 0);
      });
      return closed;
    },
    async list({ limit, after, ...filter }) {
      const { sql, values } = choiceOf(filter, after === undefined ? undefined : seqAfter(after));
      const rows = database.prepare<DeadLetterRow>(
        `SELECT * FROM dead_letters WHERE seq IN (SELECT seq ${sql} ORDER BY seq LIMIT ?) ORDER BY seq`,
      );
      return rows.all(...values, limit).map(toDeadLetter);
    },
    async get(id) {
      const exact = whole.get(id);
      if (exact !== undefined) return toDeadLetter(exact);
      if (id.length < shortestBeginning) {
        throw new BridgeError('NOT_FOUND', `no dead letter has the id "${id}", and it is too short for a beginning`, {
          hint: `Give at least ${shortestBeginning} characters of the id.`,
        });
      }
      const [found, other] = beginning.all(id);
      if (other !== undefined) {
        throw new BridgeError('NOT_FOUND', `more than one dead letter begins with "${id}"`, {
          hint: 'Give more characters of the id.',
        });
      }
      return found === undefined ? undefined : toDeadLetter(found);
    },
    async counts(filter = {}) {
      const { sql, values } = choiceOf(filter);
      const rows = database.prepare<CountRow>(`
        SELECT feed, code, count(*) AS count, min(last_at) AS oldest_at ${sql} GROUP BY feed, code ORDER BY feed, code`);
      return rows.all(...values).map(({ oldest_at, ...row }) => ({ ...row, oldestAt: new Date(oldest_at) }));
    },
    async parkedKeys() {
      return parkedKeys.all().map((row) => ({ ...row, since: new Date(row.since) }));
    },
    async parked(feed, destination, key, limit) {
      return parked.all(feed, destination, key, limit).map(toDeadLetter);
    },
    async prune(before) {
      let pruned = 0;
      await commit(() => {
        pruned = prune.run(before.getTime(), pruneChunk);
      });
      return pruned;
    },
  };
}
