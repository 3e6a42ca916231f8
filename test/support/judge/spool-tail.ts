import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Reads the spool of a bridge, while it runs or after it died, with nothing but SQLite. */
export interface SpoolTail {
  /** Which of these events are not in the spool, and were not whenever this looked. */
  absent(feed: string, ids: readonly string[]): readonly string[];
  /** The batches (`feed/batchId`) of which something is in it right now. */
  batches(): readonly string[];
  /** How many records are in it right now. */
  records(): number;
}

interface Row {
  readonly sequence: number;
  readonly head: string;
  readonly bytes: Uint8Array;
}

interface FeedRow {
  readonly number: number;
  readonly name: string;
}

export function createSpoolTail(stateDir: string): SpoolTail {
  const file = join(stateDir, 'spool', 'spool.db');
  const seen = new Set<string>();
  /** Up to which sequence a feed was looked at. */
  const looked = new Map<string, number>();

  /** Changes when something of the WAL goes over into the database: a copy that was made meanwhile is of neither time. */
  function checkpoints(): string {
    const { mtimeNs } = statSync(file, { bigint: true });
    return `${mtimeNs} ${readFileSync(`${file}-wal`).subarray(0, 32).toString('hex')}`;
  }

  /** The bridge has the file for itself: what is read is a copy. */
  function copyTo(dir: string): string {
    const copy = join(dir, 'spool.db');
    for (let before = ''; before !== checkpoints(); ) {
      before = checkpoints();
      copyFileSync(file, copy);
      copyFileSync(`${file}-wal`, `${copy}-wal`);
    }
    return copy;
  }

  /** What a look into the spool as it is now gives; undefined where there is none. */
  function look<Found>(into: (database: DatabaseSync, feeds: readonly FeedRow[]) => Found): Found | undefined {
    if (!existsSync(`${file}-wal`)) return undefined;
    const dir = mkdtempSync(join(tmpdir(), 'feedferry-spool-'));
    try {
      using database = new DatabaseSync(copyTo(dir));
      return into(database, database.prepare('SELECT number, name FROM feed').all() as unknown as FeedRow[]);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** By feed, without its pipeline, after the sequence that `after` says. */
  function rows(after: (feed: string) => number = () => 0): readonly (readonly [feed: string, row: Row])[] {
    const found = look((database, feeds) =>
      feeds.flatMap(({ number, name }) => {
        const feed = name.slice(name.indexOf('/') + 1);
        const select = `SELECT sequence, head, bytes FROM record_${number} WHERE sequence > ? ORDER BY sequence`;
        const records = database.prepare(select).all(after(feed)) as unknown as Row[];
        return records.map((row) => [feed, row] as const);
      }),
    );
    return found ?? [];
  }

  function count(): number {
    const found = look((database, feeds) =>
      feeds.reduce((sum, { number }) => {
        const row = database.prepare(`SELECT count(*) AS count FROM record_${number}`).get();
        return sum + Number(row?.['count']);
      }, 0),
    );
    return found ?? 0;
  }

  return {
    absent(feed, ids) {
      for (const [of, { bytes, sequence }] of rows((each) => looked.get(each) ?? 0)) {
        looked.set(of, sequence);
        const { id } = JSON.parse(Buffer.from(bytes).toString()) as { id: string };
        seen.add(`${of}/${id}`);
      }
      return ids.filter((id) => !seen.has(`${feed}/${id}`));
    },
    batches: () => [...new Set(rows().map(([feed, { head }]) => `${feed}/${(JSON.parse(head) as [string])[0]}`))],
    records: count,
  };
}
