import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createWalTail } from './wal-tail.ts';

/** Reads the spool of a bridge, while it runs or after it died, with nothing but SQLite. */
export interface SpoolTail {
  /** Which of these events are not in the spool, and were not whenever this looked. */
  absent(feed: string, ids: readonly string[]): readonly string[];
  /** The events that are in it right now, as SQLite has them: pages hold remains of other records too. */
  present(): ReadonlySet<string>;
  /** The batches (`feed/batchId`) of which something is in it right now. */
  batches(): readonly string[];
  /** How many records are in it right now. */
  records(): number;
}

interface Row {
  readonly feed: string;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

/** Of the events of the simulator, in the bytes of their records. */
const eventId = /"id":"([^"]+)"/g;
const pageSize = 4_096;

function idOf(bytes: Uint8Array): string {
  return (JSON.parse(Buffer.from(bytes).toString()) as { readonly id: string }).id;
}

/** Of what begins with its header. */
function headerOf(file: string): string {
  const fd = openSync(file, 'r');
  try {
    const header = Buffer.alloc(32);
    readSync(fd, header, 0, header.length, 0);
    return header.toString('hex');
  } finally {
    closeSync(fd);
  }
}

export function createSpoolTail(stateDir: string): SpoolTail {
  const file = join(stateDir, 'spool', 'spool.db');
  const wal = createWalTail(file, pageSize);
  /** Each event has an id of its own, whatever its feed. */
  const seen = new Set<string>();
  /** Up to which sequence a feed was looked at. */
  const looked = new Map<string, number>();

  /** Changes when something of the WAL goes over into the database: a copy that was made meanwhile is of neither time. */
  function checkpoints(): string {
    const { mtimeNs } = statSync(file, { bigint: true });
    return `${mtimeNs} ${existsSync(`${file}-wal`) ? headerOf(`${file}-wal`) : ''}`;
  }

  /** The bridge has the file for itself: what is read is a copy. */
  function copyTo(dir: string): string {
    const copy = join(dir, 'spool.db');
    for (let before = ''; before !== checkpoints(); ) {
      before = checkpoints();
      // copyFileSync never comes back when the file becomes smaller meanwhile.
      writeFileSync(copy, readFileSync(file));
      if (existsSync(`${file}-wal`)) writeFileSync(`${copy}-wal`, readFileSync(`${file}-wal`));
    }
    return copy;
  }

  /** What `select` gives of the records of each feed, which is named without its pipeline. */
  function ask<T>(select: (table: string, feed: string, database: DatabaseSync) => readonly T[]): readonly T[] {
    // After a clean end there is no WAL, and all of it is in the database.
    if (!existsSync(file)) return [];
    const dir = mkdtempSync(join(tmpdir(), 'feedferry-spool-'));
    try {
      using database = new DatabaseSync(copyTo(dir));
      if (!database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'feed'").get()) return [];
      const feeds = database.prepare('SELECT number, name FROM feed').all() as { number: number; name: string }[];
      return feeds.flatMap(({ number, name }) =>
        select(`record_${number}`, name.slice(name.indexOf('/') + 1), database),
      );
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** A copy of the whole is dear: it holds up the bridge, which waits for its complete to be answered. */
  function lookAtAll(): void {
    const rows = ask((table, feed, database) => {
      const select = `SELECT ? AS feed, sequence, bytes FROM ${table} WHERE sequence > ? ORDER BY sequence`;
      return database.prepare(select).all(feed, looked.get(feed) ?? 0) as unknown as Row[];
    });
    for (const { feed, sequence, bytes } of rows) {
      looked.set(feed, sequence);
      seen.add(idOf(bytes));
    }
  }

  return {
    absent(_feed, ids) {
      for (const [, id = ''] of wal.read().toString('latin1').matchAll(eventId)) seen.add(id);
      if (ids.some((id) => !seen.has(id))) lookAtAll();
      return ids.filter((id) => !seen.has(id));
    },
    present() {
      const rows = ask(
        (table, _feed, database) =>
          database.prepare(`SELECT bytes FROM ${table}`).all() as unknown as readonly Pick<Row, 'bytes'>[],
      );
      return new Set(rows.map(({ bytes }) => idOf(bytes)));
    },
    batches() {
      const heads = ask((table, feed, database) =>
        database
          .prepare(`SELECT DISTINCT json_extract(head, '$[0]') AS batch FROM ${table}`)
          .all()
          .map(({ batch }) => `${feed}/${batch}`),
      );
      return [...new Set(heads)];
    },
    records() {
      const counts = ask((table, _feed, database) => [database.prepare(`SELECT count(*) AS n FROM ${table}`).get()]);
      return counts.reduce((sum, row) => sum + Number(row?.['n'] ?? 0), 0);
    },
  };
}
