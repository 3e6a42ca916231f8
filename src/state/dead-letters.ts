import type { FeedName } from '../core/batch.ts';
import { BridgeError, type ErrorCode } from '../core/errors.ts';
import type { DeadLetterFilter, DeadLetters } from '../core/state.ts';
import type { Database } from './database.ts';
import { type DeadLetterRow, deadLetterColumns, deadLetterValues, toDeadLetter } from './dead-letter-row.ts';
import type { GroupCommit } from './group-commit.ts';

interface CountRow {
  readonly feed: FeedName;
  readonly code: ErrorCode;
  readonly count: number;
}

/** Characters of an id that `get` wants at least when it is not whole. */
const shortestBeginning = 6;

export function createDeadLetters(database: Database, { commit }: GroupCommit): DeadLetters {
  const add = database.prepare(`
    INSERT INTO dead_letters (${deadLetterColumns.join(', ')}) VALUES (${deadLetterColumns.map(() => '?').join(', ')})
    ON CONFLICT (id) DO UPDATE SET code = excluded.code, reason = excluded.reason, stage = excluded.stage,
      attempts = excluded.attempts, envelope = excluded.envelope, last_at = excluded.last_at`);
  // Chosen through the index alone, so that the bytes of those left out are never read.
  const listed = (choice: string) =>
    database.prepare<DeadLetterRow>(`
      SELECT * FROM dead_letters WHERE seq IN (SELECT seq FROM dead_letters ${choice} ORDER BY seq LIMIT ?)
      ORDER BY seq`);
  const all = listed('');
  const ofFeed = listed('INDEXED BY dead_letters_by_feed WHERE feed = ?');
  const ofCode = listed('INDEXED BY dead_letters_by_feed WHERE code = ?');
  const ofBoth = listed('INDEXED BY dead_letters_by_feed WHERE feed = ? AND code = ?');

  function choose({ feed, code, limit }: DeadLetterFilter): readonly DeadLetterRow[] {
    if (feed !== undefined && code !== undefined) return ofBoth.all(feed, code, limit);
    if (feed !== undefined) return ofFeed.all(feed, limit);
    return code === undefined ? all.all(limit) : ofCode.all(code, limit);
  }

  const whole = database.prepare<DeadLetterRow>('SELECT * FROM dead_letters WHERE id = ?');
  const beginning = database.prepare<DeadLetterRow>(
    'SELECT * FROM dead_letters WHERE id >= ?1 AND id < ?1 || char(0x10ffff) ORDER BY id LIMIT 2',
  );
  const counts = database.prepare<CountRow>(
    'SELECT feed, code, count(*) AS count FROM dead_letters GROUP BY feed, code ORDER BY feed, code',
  );

  return {
    add: (letters) =>
      commit(() => {
        for (const letter of letters) add.run(...deadLetterValues(letter));
      }),
    async list(filter) {
      return choose(filter).map(toDeadLetter);
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
    async counts() {
      return counts.all();
    },
  };
}
