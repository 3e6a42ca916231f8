import { copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type BridgeError, toBridgeError } from '../../core/errors.ts';
import type { SpoolReport } from '../../core/spool.ts';
import { classified, stateError } from '../classify.ts';
import { type Database, openDatabase } from '../database.ts';
import { makeDirectory } from '../directory.ts';
import { isDiskFull } from './disk-full.ts';
import { type Feeds, openFeeds } from './feeds.ts';
import { headerFault } from './header.ts';
import { openQuarantine, type Quarantine } from './quarantine.ts';
import { pageSize, spoolSchema, spoolVersion } from './schema.ts';
import { openSequences, type Sequences } from './sequences.ts';
import { isReallyNewer } from './version.ts';

/** spool.db, open and good, with what is beside it. A damaged one has made way for it. */
export interface SpoolFile extends Disposable {
  readonly path: string;
  readonly database: Database;
  readonly feeds: Feeds;
  readonly sequences: Sequences;
  readonly quarantine: Quarantine;
}

interface OpenDatabase {
  readonly database: Database;
  readonly feeds: Feeds;
}

export const fileIn = (dir: string): string => join(dir, 'spool.db');

/** Pages of the WAL that are moved over at once: many, since the ids of a moment are all over the file. */
const checkpointPages = 4_000;

const pragmas = [
  `wal_autocheckpoint = ${checkpointPages}`,
  `journal_size_limit = ${2 * checkpointPages * pageSize}`,
  'cache_size = -8192',
  'cell_size_check = ON',
];

function open(file: string): OpenDatabase {
  const database = openDatabase(file, spoolSchema);
  try {
    for (const pragma of pragmas) database.prepare(`PRAGMA ${pragma}`).all();
    return { database, feeds: openFeeds(database, file) };
  } catch (error) {
    database[Symbol.dispose]();
    throw error;
  }
}

/**
 * SQLite takes a WAL for finished where it is damaged, and writes over the rest: this keeps it until that is looked at.
 * A full disk has no room for that; the spool is read all the same.
 */
export function keepWal(file: string): void {
  const [wal, copy] = [`${file}-wal`, `${file}-wal-before`];
  const size = statSync(wal, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || existsSync(copy)) return;
  try {
    classified(wal, () => copyFileSync(wal, copy));
  } catch (error) {
    rmSync(copy, { force: true });
    if (!isDiskFull(toBridgeError(error))) throw error;
  }
}

/** Throws STATE_DAMAGED when the file lacks what the side file knows was committed: its end, or all of it, is gone. */
function checkComplete(file: string, feeds: Feeds, sequences: Sequences): void {
  let inFile = 0;
  for (const { name, accepted, released } of feeds.all()) {
    const slot = sequences.get(name);
    if (!slot?.inFile) continue;
    inFile += 1;
    if (accepted >= slot.accepted && released >= slot.released) continue;
    throw stateError('STATE_DAMAGED', `${file} ends at record ${accepted} of ${name}; ${slot.accepted} was there`);
  }
  const missing = [...sequences.all().values()].filter((slot) => slot.inFile).length - inFile;
  if (missing > 0) throw stateError('STATE_DAMAGED', `${file} lacks ${missing} of its feeds`);
}

function openGood(file: string, sequences: Sequences, wasKilled: boolean): OpenDatabase {
  if (existsSync(file)) {
    const fault = classified(file, () => headerFault(file));
    if (fault !== undefined && !isReallyNewer(file, spoolVersion)) throw stateError('STATE_DAMAGED', fault);
  } else if ([...sequences.all().values()].some(({ inFile }) => inFile)) {
    throw stateError('STATE_DAMAGED', `${file} is missing`);
  }
  const opened = open(file);
  try {
    checkComplete(file, opened.feeds, sequences);
    if (wasKilled && !sequences.sound) {
      throw stateError('STATE_DAMAGED', `what is beside ${file} is damaged, so that its end is not certain`);
    }
    return opened;
  } catch (error) {
    opened.database[Symbol.dispose]();
    throw error;
  }
}

/** Above any sequence that was ever given out, where nobody knows them: fewer than a million a second were. */
function floorByClock(): number {
  return Math.floor(Date.now() / 1_000) * 2 ** 20;
}

/**
 * Opens the spool's file in `dir`. Damage does not keep it from opening: the file then goes to the files that wait for
 * salvage, and a new one is begun. `damage`: it showed while the file was in use. Throws STATE_UNWRITABLE, STATE_LOCKED
 * and STATE_TOO_NEW.
 */
export function openSpoolFile(dir: string, report: (report: SpoolReport) => void, damage?: BridgeError): SpoolFile {
  classified(dir, () => makeDirectory(dir));
  const path = fileIn(dir);
  const quarantine = openQuarantine(dir);
  using opening = new DisposableStack();
  const found = [path, `${path}-wal`].some(existsSync) || quarantine.pending().length > 0;
  const sequences = opening.use(openSequences(join(dir, 'sequences'), found));

  function openOrReplace(): OpenDatabase {
    try {
      if (damage) throw damage;
      const wasKilled = existsSync(`${path}-wal`);
      keepWal(path);
      return openGood(path, sequences, wasKilled);
    } catch (error) {
      const { code, message } = toBridgeError(error);
      if (code !== 'STATE_DAMAGED' && (code !== 'STATE_TOO_NEW' || isReallyNewer(path, spoolVersion))) throw error;
      const moved = classified(path, () => quarantine.setAside(path));
      sequences.startFile(sequences.sound ? 0 : floorByClock());
      report({ kind: 'damaged', file: moved, reason: message });
      return open(path);
    }
  }

  const { database, feeds } = openOrReplace();
  opening.use(database);
  classified(path, () => rmSync(`${path}-wal-before`, { force: true }));
  for (const feed of feeds.all()) sequences.note(feed.name, feed);
  const opened = opening.move();
  return { path, database, feeds, sequences, quarantine, [Symbol.dispose]: () => opened.dispose() };
}
