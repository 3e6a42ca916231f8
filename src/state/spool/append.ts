import { BridgeError } from '../../core/errors.ts';
import type { Appended } from '../../core/spool.ts';
import { stateError } from '../classify.ts';
import { noRoom } from './disk-full.ts';
import { markOf, newRow } from './feed-tables.ts';
import type { Feed } from './feeds.ts';
import { keysOf, textOf } from './identity.ts';
import type { AppendCall } from './messages.ts';
import type { RecordRow } from './row.ts';
import { fullRetryMs } from './settings.ts';

/** What a feed may still take. */
export interface Room {
  /** Bytes of records, and of the file, whichever is less. */
  readonly bytes: number;
  /** Bytes that the disk has for it. */
  readonly onDisk: number;
  /** Undefined where age is no matter. */
  readonly tooOld: string | undefined;
}

export interface Memory {
  readonly ms: number;
  readonly ids: number;
}

interface NewRow {
  readonly row: RecordRow;
  /** Whether something is remembered of its key already. */
  readonly replaces: boolean;
}

interface Plan {
  readonly rows: readonly NewRow[];
  readonly answers: readonly Appended[];
}

/** Why so many bytes are not taken. */
function refusal(feed: Feed, needed: number, { bytes, onDisk, tooOld }: Room): BridgeError | undefined {
  const full = (message: string) => new BridgeError('SPOOL_FULL', message, { retryAfterMs: fullRetryMs });
  const lacking = (free: number) =>
    `${feed.name} needs ${needed} bytes more, and ${Math.max(0, Math.floor(free))} are free`;
  if (tooOld !== undefined) return full(tooOld);
  if (needed > bytes) return full(`the spool is full: ${lacking(bytes)}`);
  if (needed > onDisk) {
    return stateError('STATE_UNWRITABLE', `the disk of the spool is full: ${lacking(onDisk)}`, { cause: noRoom() });
  }
  return undefined;
}

function planOf(feed: Feed, { entries }: AppendCall, at: number, memory: Memory): Plan {
  const rows: NewRow[] = [];
  const answers: Appended[] = [];
  const fresh = new Map<string, RecordRow>();
  for (const { head, identity, bytes } of entries) {
    const keys = keysOf(identity);
    const isKnown = keys.key.length > 0;
    const known = isKnown ? (fresh.get(textOf(keys.key)) ?? feed.tables.recall(keys.key)) : undefined;
    if (known !== undefined && at - known.at <= memory.ms && Buffer.compare(known.id, keys.id) === 0) {
      answers.push({ status: 'duplicate', sequence: known.sequence });
      continue;
    }
    const sequence = feed.accepted + rows.length + 1;
    const row = newRow({ sequence, feed: feed.name, at, head, ...keys, bytes });
    if (isKnown) fresh.set(textOf(keys.key), row);
    rows.push({ row, replaces: known !== undefined });
    answers.push({ status: 'spooled', sequence });
  }
  return { rows, answers };
}

/**
 * Forgets ids that are too old or too many: at most some more than are `added` now, so that it never takes long. One that
 * is too old is recognised no more, wherever it still is.
 */
export function forgetOld(feed: Feed, added: number, memory: Memory): void {
  const now = Date.now();
  const most = 2 * added + 10;
  const excess = Math.min(most, feed.remembered - memory.ids);
  if (excess > 0) feed.remembered -= feed.tables.forget(excess, Number.MAX_SAFE_INTEGER);
  feed.remembered -= feed.tables.forget(most, now - memory.ms);
}

/**
 * Appends within a transaction: all, or nothing where it gives SPOOL_FULL, or STATE_UNWRITABLE of a disk that is full.
 * `reserve` makes sure that the sequences up to one may be given out.
 */
export function append(
  feed: Feed,
  call: AppendCall,
  room: Room,
  memory: Memory,
  reserve: (upTo: number) => void,
): readonly Appended[] | BridgeError {
  const { rows, answers } = planOf(feed, call, Date.now(), memory);
  if (rows.length === 0) return answers;
  const bytes = rows.reduce((sum, { row }) => sum + row.size, 0);
  const refused = refusal(feed, bytes, room);
  if (refused) return refused;
  reserve(feed.accepted + rows.length);
  for (const { row, replaces } of rows) {
    const { sequence, at, key, id } = row;
    feed.tables.insert(row);
    if (key.length === 0) continue;
    feed.tables.remember({ sequence, at, key, id, mark: markOf(feed.name, row) });
    if (!replaces) feed.remembered += 1;
  }
  feed.accepted += rows.length;
  feed.records += rows.length;
  feed.bytes += bytes;
  return answers;
}
