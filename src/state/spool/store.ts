import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { SpoolState } from '../../core/spool.ts';
import { stateError } from '../classify.ts';
import { append, forgetOld, type Room } from './append.ts';
import { isDiskFull } from './disk-full.ts';
import type { Feed } from './feeds.ts';
import { keepWal, openSpoolFile, type SpoolFile } from './file.ts';
import { createGrowth } from './growth.ts';
import type { Answer, AppendCall, PackedPage, ReadCall, Write } from './messages.ts';
import { type Damage, read } from './read.ts';
import { createRestore, type Restore } from './restore.ts';
import { type FileRoom, fileRoom } from './room.ts';
import { setApart } from './set-apart.ts';
import { type SpoolOptions, salvageBudgetMs, salvageSliceMs, spoolMemory } from './settings.ts';
import { giveBack, isBehind, tidy } from './tidy.ts';
import { useOf } from './use.ts';

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
  readonly room: FileRoom;
}

/** Rows that one release deletes at once; the others follow when there is time. */
const deletedAtOnce = 2_000;

export function createStore(options: SpoolOptions): Store {
  const { dir, maxBytes, maxAgeMs, memory = spoolMemory, onReport: report = () => {} } = options;
  const { salvageMs = salvageBudgetMs } = options;
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
    current = { file, restore, room: fileRoom(file, maxBytes) };
    while (restore.pending() && performance.now() - began < salvageMs) restore.step(salvageSliceMs);
    return current;
  }

  function leave(): void {
    const left = current;
    current = undefined;
    left?.restore.close();
    left?.file[Symbol.dispose]();
  }

  /** Runs `work` on the open file. What shows is dealt with, damage or a full disk, and the work tried once more. */
  function on<T>(work: (open: Open) => T): T {
    try {
      return work(current ?? open());
    } catch (error) {
      const known = toBridgeError(error);
      if (current === undefined || !(known.code === 'STATE_DAMAGED' || isDiskFull(known))) throw failed(known);
      try {
        return work(isDiskFull(known) ? makeRoom(current) : replace(current));
      } catch (again) {
        throw failed(toBridgeError(again));
      }
    }
  }

  function replace({ file }: Open): Open {
    keepWal(file.path);
    leave();
    return open(stateError('STATE_DAMAGED', `${dir} was found damaged while it was in use`));
  }

  /** Of what the WAL takes: what is released is written there first. */
  function makeRoom(opened: Open): Open {
    opened.file.feeds.reload();
    opened.room.emptyWal();
    return opened;
  }

  /** After what the disk refused, the file is opened anew: what SQLite has in memory may not be what is there. */
  function failed(error: BridgeError): BridgeError {
    if (error.code === 'STATE_UNWRITABLE') refusing = 'disk';
    try {
      if (error.code === 'INTERNAL' || isDiskFull(error)) current?.file.feeds.reload();
      else leave();
    } catch {
      current = undefined;
    }
    return error;
  }

  function bytes(feeds: readonly Feed[]): number {
    return feeds.reduce((sum, feed) => sum + feed.bytes, 0);
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

  /** Several writes, within a transaction. */
  function all(writes: readonly Write[], opened: Open): readonly Written[] {
    const { file, restore } = opened;
    const touched = new Set<Feed>();
    const before = bytes(file.feeds.all());
    const entries = writes.reduce((sum, write) => sum + (write.kind === 'append' ? write.entries.length : 0), 0);
    const [inFile, onDisk] = [opened.room.inFile(), opened.room.onDisk(entries)];
    const written = writes.map((write): Written => {
      const feed = restore.feed(write.feed);
      if (!touched.has(feed) && entries > 0) forgetOld(feed, entries, memory);
      touched.add(feed);
      if (write.kind === 'release') return { answer: release(feed, write.sequence) };
      const now = bytes(file.feeds.all());
      const added = Math.max(0, now - before);
      const bytesLeft = Math.min(maxBytes - now, inFile - added);
      const room = { bytes: bytesLeft, onDisk: onDisk - added, tooOld: tooOld(feed) };
      return one(write, feed, room, opened);
    });
    for (const feed of touched) file.feeds.store(feed);
    return written;
  }

  function one(write: AppendCall, feed: Feed, room: Room, { file }: Open): Written {
    const answer = append(feed, write, room, memory, (upTo) => file.sequences.reserve(feed.name, upTo));
    if (!(answer instanceof BridgeError)) {
      refusing = undefined;
      return { answer };
    }
    if (answer.code === 'STATE_UNWRITABLE') refusing = 'disk';
    else if (room.tooOld === undefined) refusing = 'full';
    return { error: answer };
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

  return {
    write: (writes) =>
      on((opened) => {
        const written = transaction(opened, () => all(writes, opened));
        note(opened.file, new Set(writes.map(({ feed }) => feed)));
        if (opened.room.isScarce()) opened.room.emptyWal();
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
        state = on(({ file, room }) => {
          const feeds = file.feeds.all();
          const uses = feeds.map(useOf);
          const total = uses.reduce((sum, { bytes }) => sum + bytes, 0);
          const isOld = feeds.some((feed) => tooOld(feed) !== undefined);
          return {
            maxBytes,
            bytes: total,
            timeToFullMs: refusing === 'full' ? 0 : growth.timeToFullMs(Math.min(maxBytes - total, room.onDisk(0))),
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
        const { file, restore, room } = opened;
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
        return giveBack(file.database, room);
      }),
    tick() {
      if (refusing === 'full' && current) {
        if (bytes(current.file.feeds.all()) < maxBytes) refusing = undefined;
      }
      // A write that changes nothing, to see whether the disk takes it again.
      on((opened) => {
        if (refusing === 'disk') {
          transaction(opened, () => opened.file.feeds.all().forEach(opened.file.feeds.store));
          if (opened.room.onDisk(0) > 0) refusing = undefined;
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
