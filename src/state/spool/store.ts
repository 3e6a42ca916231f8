import type { FeedName } from '../../core/batch.ts';
import { type BridgeError, toBridgeError } from '../../core/errors.ts';
import type { SpoolState, SpoolUse } from '../../core/spool.ts';
import { stateError } from '../classify.ts';
import { append, type Room } from './append.ts';
import type { Feed } from './feeds.ts';
import { keepWal, openSpoolFile, type SpoolFile } from './file.ts';
import { createGrowth } from './growth.ts';
import type { Answer, PackedPage, ReadCall, Write } from './messages.ts';
import { type Damage, read } from './read.ts';
import { createRestore, type Restore } from './restore.ts';
import { pageSize } from './schema.ts';
import { setApart } from './set-apart.ts';
import { fileBound, type SpoolOptions, salvageBudgetMs, salvageSliceMs, spoolMemory } from './settings.ts';
import { giveBack, isBehind, tidy } from './tidy.ts';

/** What became of one of several writes. */
export type Written = { readonly answer: Answer } | { readonly error: BridgeError };

/**
 * The spool on this thread, synchronous. Every method may throw a STATE_ code; what is damaged is replaced, and what the
 * disk refuses works again at a later call.
 */
export interface Store {
  /** In one transaction. Throws when nothing of it was written; a write that was refused by itself has its error. */
  write(writes: readonly Write[]): readonly Written[];
  /** Nothing while `salvaging`. */
  read(call: ReadCall): PackedPage;
  /** The last sequence of a feed that was accepted. */
  accepted(feed: FeedName): number;
  state(): SpoolState;
  /** Whether reads have to wait: records of a damaged file may come in front of those that are there. */
  salvaging(): boolean;
  /** Does some of what can wait: salvage, deletes, giving back space. True: there is more to do. */
  rest(): boolean;
  /** Finds out whether the disk works again, and how fast the spool grows: to be called every few seconds. */
  tick(): void;
  close(): void;
}

interface Open {
  readonly file: SpoolFile;
  readonly restore: Restore;
  readonly pages: () => { readonly total: number; readonly free: number };
}

/** Whether there was no room, on a disk that does what it says otherwise. */
function isFull({ cause }: BridgeError): boolean {
  if (!(cause instanceof Error)) return false;
  if ('errcode' in cause) return Number(cause.errcode) % 256 === 13;
  return 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
}

/** Rows that one release deletes at once; the others follow when there is time. */
const deletedAtOnce = 2_000;

export function createStore(options: SpoolOptions): Store {
  const { dir, maxBytes, maxAgeMs, memory = spoolMemory, onReport: report = () => {} } = options;
  const growth = createGrowth();
  let current: Open | undefined;
  let refusing: 'full' | 'disk' | undefined;
  /** As it was last seen. */
  let state: SpoolState = {
    maxBytes,
    bytes: 0,
    timeToFullMs: undefined,
    refusing: undefined,
    feeds: [],
    quarantined: [],
  };

  function open(damage?: BridgeError): Open {
    const began = performance.now();
    const file = openSpoolFile(dir, report, damage);
    const restore = createRestore(file, memory.ms, report);
    const ask = (name: string) => {
      const statement = file.database.prepare<Record<string, number>>(`PRAGMA ${name}`);
      return () => Number(Object.values(statement.get() ?? {})[0]);
    };
    const [total, free] = [ask('page_count'), ask('freelist_count')];
    current = { file, restore, pages: () => ({ total: total(), free: free() }) };
    while (restore.pending() && performance.now() - began < salvageBudgetMs) restore.step(salvageSliceMs);
    return current;
  }

  function leave(): void {
    const left = current;
    current = undefined;
    left?.restore.close();
    left?.file[Symbol.dispose]();
  }

  /** Runs `work` on the open file. Damage that shows is dealt with, and the work tried once more. */
  function on<T>(work: (open: Open) => T): T {
    try {
      return work(current ?? open());
    } catch (error) {
      const known = toBridgeError(error);
      if (known.code !== 'STATE_DAMAGED' || current === undefined) throw failed(known);
    }
    try {
      keepWal(current.file.path);
      leave();
      return work(open(stateError('STATE_DAMAGED', `${dir} was found damaged while it was in use`)));
    } catch (error) {
      throw failed(toBridgeError(error));
    }
  }

  /** After what the disk refused, the file is opened anew: what SQLite has in memory may not be what is there. */
  function failed(error: BridgeError): BridgeError {
    if (error.code === 'STATE_UNWRITABLE') refusing = 'disk';
    try {
      if (error.code === 'INTERNAL' || isFull(error)) current?.file.feeds.reload();
      else leave();
    } catch {
      current = undefined;
    }
    return error;
  }

  function bytes(feeds: readonly Feed[]): number {
    return feeds.reduce((sum, feed) => sum + feed.bytes, 0);
  }

  function roomFor(feed: Feed, { file, pages }: Open): Room {
    const feeds = file.feeds.all();
    const { total, free } = pages();
    const ids = feeds.reduce((sum, { remembered }) => sum + remembered, 0);
    const mostInFile = fileBound.factor * maxBytes + fileBound.bytesPerId * ids;
    const room = Math.min(maxBytes - bytes(feeds), mostInFile - (total - free) * pageSize);
    return { bytes: room, tooOld: tooOld(feed) };
  }

  function tooOld(feed: Feed): string | undefined {
    if (maxAgeMs === undefined) return undefined;
    const first = feed.tables.first(feed.released);
    if (first === undefined || Date.now() - first.at <= maxAgeMs) return undefined;
    return `the oldest record of ${feed.name} in the spool is from ${new Date(first.at).toISOString()}: too old to add more`;
  }

  function release(feed: Feed, sequence: number): null {
    const released = Math.min(sequence, feed.accepted);
    if (released <= feed.released) return null;
    feed.released = released;
    tidy(feed, deletedAtOnce);
    return null;
  }

  function one(write: Write, opened: Open): Written {
    const { file, restore } = opened;
    const feed = restore.feed(write.feed);
    if (write.kind === 'release') {
      const answer = release(feed, write.sequence);
      file.feeds.store(feed);
      return { answer };
    }
    try {
      const reserve = (upTo: number) => file.sequences.reserve(feed.name, upTo);
      const answer = append(feed, write, roomFor(feed, opened), memory, reserve);
      file.feeds.store(feed);
      if (refusing === 'full') refusing = undefined;
      return { answer };
    } catch (error) {
      const known = toBridgeError(error);
      if (known.code !== 'SPOOL_FULL') throw error;
      if (tooOld(feed) === undefined) refusing = 'full';
      return { error: known };
    }
  }

  /** A feed that was ever accepted from, also when all of it is lost. */
  function known(name: FeedName, opened: Open): Feed | undefined {
    const { feeds, sequences } = opened.file;
    if (!feeds.get(name) && sequences.isKnown(name)) {
      transaction(opened, () => opened.restore.feed(name));
      note(opened.file, [name]);
    }
    return feeds.get(name);
  }

  function note({ sequences, feeds }: SpoolFile, names: Iterable<FeedName>): void {
    for (const name of names) {
      const feed = feeds.get(name);
      if (feed) sequences.note(name, feed);
    }
  }

  function transaction<T>({ file }: Open, work: () => T): T {
    const done: T[] = [];
    file.database.checkInPlace();
    file.database.transaction(() => done.push(work()));
    return done[0] as T;
  }

  function count(opened: Open, feed: Feed, damage: Damage): void {
    transaction(opened, () => {
      setApart(opened.file.database, feed, damage);
      opened.file.feeds.store(feed);
    });
    note(opened.file, [feed.name]);
    for (const gap of damage.gaps) report({ kind: 'gap', ...gap, records: gap.to - gap.from + 1 });
  }

  function use(feed: Feed): SpoolUse {
    const { name, accepted, released, gaps, tables } = feed;
    const first = tables.first(released);
    const settled = isBehind(feed) ? tables.upTo(released) : { records: 0, bytes: 0 };
    const [records, bytes] = [feed.records - settled.records, feed.bytes - settled.bytes];
    return { feed: name, records, bytes, oldestAt: first && new Date(first.at), accepted, released, gaps };
  }

  return {
    write: (writes) =>
      on((opened) => {
        const written = transaction(opened, () => writes.map((write) => one(write, opened)));
        note(opened.file, new Set(writes.map(({ feed }) => feed)));
        if (refusing === 'disk') refusing = undefined;
        return written;
      }),
    read: (call) =>
      on((opened) => {
        if (opened.restore.pending()) return { records: [], gaps: [] };
        const feed = known(call.feed, opened);
        if (feed === undefined) return { records: [], gaps: [] };
        const { page, damage } = read(feed, call);
        if (damage.rows.length + damage.gaps.length > 0) count(opened, feed, damage);
        return page;
      }),
    accepted: (name) => on(({ file }) => file.feeds.get(name)?.accepted ?? file.sequences.get(name)?.reserved ?? 0),
    state() {
      try {
        state = on(({ file }) => {
          const feeds = file.feeds.all();
          const uses = feeds.map(use);
          const total = uses.reduce((sum, { bytes }) => sum + bytes, 0);
          const isOld = feeds.some((feed) => tooOld(feed) !== undefined);
          return {
            maxBytes,
            bytes: total,
            timeToFullMs: growth.timeToFullMs(maxBytes - total),
            refusing: refusing ?? (isOld ? 'too-old' : undefined),
            feeds: uses,
            quarantined: file.quarantine.list(),
          };
        });
      } catch (error) {
        if (toBridgeError(error).code !== 'STATE_UNWRITABLE') throw error;
        state = { ...state, refusing: 'disk' };
      }
      return state;
    },
    salvaging: () => current?.restore.pending() ?? false,
    rest: () =>
      on((opened) => {
        const { file, restore, pages } = opened;
        if (restore.pending()) {
          restore.step(salvageSliceMs);
          return true;
        }
        const behind = file.feeds.all().find(isBehind);
        if (behind) {
          transaction(opened, () => {
            tidy(behind, deletedAtOnce);
            file.feeds.store(behind);
          });
          return true;
        }
        return giveBack(file.database, pages);
      }),
    tick() {
      if (refusing === 'full' && current) {
        if (bytes(current.file.feeds.all()) < maxBytes) refusing = undefined;
      }
      // A write that changes nothing, to see whether the disk takes it again.
      on((opened) => {
        if (refusing === 'disk') {
          transaction(opened, () => opened.file.feeds.all().forEach(opened.file.feeds.store));
          refusing = undefined;
        }
        growth.sample(bytes(opened.file.feeds.all()), performance.now());
      });
    },
    close() {
      const left = current;
      if (left === undefined) return;
      const { file } = left;
      current = undefined;
      left.restore.close();
      const names = file.feeds.all().map(({ name }) => name);
      file.database[Symbol.dispose]();
      note(file, names);
      file.sequences.settle();
      file.sequences[Symbol.dispose]();
    },
  };
}
