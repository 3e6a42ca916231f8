import { BridgeError } from '../../core/errors.ts';
import type { Appended } from '../../core/spool.ts';
import { markOf, newRow } from './feed-tables.ts';
import type { Feed } from './feeds.ts';
import { type Keys, keysOf, textOf } from './identity.ts';
import type { AppendCall } from './messages.ts';
import type { RecordRow } from './row.ts';
import { fullRetryMs } from './settings.ts';

/** What a feed may still take. */
export interface Room {
  /** Bytes of records, and of the file, whichever is less. */
  readonly bytes: number;
  /** Undefined where age is no matter. */
  readonly tooOld: string | undefined;
}

export interface Memory {
  readonly ms: number;
  readonly ids: number;
}

interface Plan {
  readonly rows: readonly RecordRow[];
  readonly answers: readonly Appended[];
}

function refuse(message: string): BridgeError {
  return new BridgeError('SPOOL_FULL', message, { retryAfterMs: fullRetryMs });
}

/** The record that has this identity already, among those remembered and those of this call. */
function recall(feed: Feed, { key, id }: Keys, fresh: ReadonlyMap<string, RecordRow>): number | undefined {
  if (key.length === 0) return undefined;
  const found = fresh.get(textOf(key)) ?? feed.tables.recall(key);
  return found !== undefined && Buffer.compare(found.id, id) === 0 ? found.sequence : undefined;
}

function planOf(feed: Feed, { entries }: AppendCall, at: number): Plan {
  const rows: RecordRow[] = [];
  const answers: Appended[] = [];
  const fresh = new Map<string, RecordRow>();
  for (const { head, identity, bytes } of entries) {
    const keys = keysOf(identity);
    const earlier = recall(feed, keys, fresh);
    if (earlier !== undefined) {
      answers.push({ status: 'duplicate', sequence: earlier });
      continue;
    }
    const sequence = feed.accepted + rows.length + 1;
    const row = newRow({ sequence, feed: feed.name, at, head, ...keys, bytes });
    if (keys.key.length > 0) fresh.set(textOf(keys.key), row);
    rows.push(row);
    answers.push({ status: 'spooled', sequence });
  }
  return { rows, answers };
}

/** Forgets ids that are too old or too many: at most some more than are `added` now, so that it never takes long. */
export function forgetOld(feed: Feed, added: number, memory: Memory): void {
  const now = Date.now();
  const most = 2 * added + 10;
  const excess = Math.min(most, feed.remembered - memory.ids);
  if (excess > 0) feed.remembered -= feed.tables.forget(excess, Number.MAX_SAFE_INTEGER);
  feed.remembered -= feed.tables.forget(most, now - memory.ms);
}

/**
 * Appends within a transaction: all, or throws SPOOL_FULL before anything is written. `reserve` makes sure that the
 * sequences up to one may be given out.
 */
export function append(feed: Feed, call: AppendCall, room: Room, reserve: (upTo: number) => void): readonly Appended[] {
  const { rows, answers } = planOf(feed, call, Date.now());
  if (rows.length === 0) return answers;
  const bytes = rows.reduce((sum, { size }) => sum + size, 0);
  if (room.tooOld !== undefined) throw refuse(room.tooOld);
  if (bytes > room.bytes) {
    throw refuse(`the spool is full: ${feed.name} needs ${bytes} bytes more, and ${Math.max(0, room.bytes)} are free`);
  }
  reserve(feed.accepted + rows.length);
  for (const row of rows) {
    const { sequence, at, key, id } = row;
    feed.tables.insert(row);
    if (key.length === 0) continue;
    const replaced = id.length > 0 && feed.tables.recall(key) !== undefined;
    feed.tables.remember({ sequence, at, key, id, mark: markOf(feed.name, row) });
    if (!replaced) feed.remembered += 1;
  }
  feed.accepted += rows.length;
  feed.records += rows.length;
  feed.bytes += bytes;
  return answers;
}
