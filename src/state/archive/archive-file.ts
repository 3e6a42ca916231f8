import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BridgeError } from '../../core/errors.ts';
import type { FileSchema } from '../create-database.ts';
import { type Database, openDatabase } from '../database.ts';
import type { Answers, ArchiveSettings, Bounds, Group, Question } from './messages.ts';
import { createRawRows } from './raw-rows.ts';
import { rawSchema } from './raw-schema.ts';
import { createReceiptRows } from './receipt-rows.ts';
import { receiptsSchema } from './receipts-schema.ts';
import { createRoom, type Room } from './room.ts';

/** The files of the archive, opened when first needed. Everything here waits for the disk: it has a thread of its own. */
export interface ArchiveFile {
  write(group: Group): void;
  answer(question: Question): Answers[keyof Answers];
}

/** The most batches that are dropped in one transaction. */
const dropChunk = 1_000;

/** Nothing depends on these files: a damaged one is set apart, in place of one that was before, and a new one begun. */
function openOrBegin(file: string, schema: FileSchema): Database {
  try {
    return openDatabase(file, schema);
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'STATE_DAMAGED') throw error;
    for (const end of ['', '-wal', '-shm']) {
      rmSync(`${file}.damaged${end}`, { force: true });
      if (statSync(file + end, { throwIfNoEntry: false })) renameSync(file + end, `${file}.damaged${end}`);
    }
    return openDatabase(file, schema);
  }
}

interface Kept {
  readonly database: Database;
  readonly room: Room;
  readonly rows: { drop(before: number, most: number): number; oldestAt(): number | undefined; count(): number };
}

function dropOldest({ database, room, rows }: Kept, { maxAgeMs, maxBytes }: Bounds, now: number): void {
  const drop = (before: number, most: number) => {
    let dropped = 0;
    database.transaction(() => {
      dropped = rows.drop(before, most);
    });
    return dropped;
  };
  while (drop(now - maxAgeMs, dropChunk) === dropChunk);
  for (let used = room.used(); used > maxBytes; used = room.used()) {
    const share = Math.ceil((rows.count() * (used - maxBytes)) / used);
    if (drop(Number.MAX_SAFE_INTEGER, Math.min(share, dropChunk)) === 0) return;
  }
}

export function openArchiveFile(settings: ArchiveSettings): ArchiveFile {
  const open = <Rows extends Kept['rows']>(name: string, schema: FileSchema, createRows: (on: Database) => Rows) => {
    const database = openOrBegin(join(settings.dir, name), schema);
    return { database, room: createRoom(database), rows: createRows(database) };
  };
  let receiptsFile: ReturnType<typeof openReceipts> | undefined;
  let rawFile: ReturnType<typeof openRaw> | undefined;
  const openReceipts = () => open('receipts.db', receiptsSchema, createReceiptRows);
  const openRaw = () => open('raw.db', rawSchema, createRawRows);

  function receipts() {
    receiptsFile ??= openReceipts();
    return receiptsFile;
  }

  function raw() {
    rawFile ??= openRaw();
    return rawFile;
  }

  function useOf({ room, rows }: Kept) {
    const oldest = rows.oldestAt();
    return { bytes: room.used(), oldestAt: oldest === undefined ? undefined : new Date(oldest) };
  }

  function answer(question: Question): Answers[keyof Answers] {
    switch (question.ask) {
      case 'trace':
        return receipts().rows.trace(question.text, question.limit);
      case 'receipts':
        return receipts().rows.range(question.query);
      case 'tally':
        return receipts().rows.tally(question.feed, question.batchIds);
      case 'raw':
        return raw().rows.range(question.query);
      case 'use':
        return { receipts: useOf(receipts()), raw: useOf(raw()) };
      case 'prune':
        if (receiptsFile) dropOldest(receiptsFile, settings.receipts, question.now);
        if (rawFile && settings.raw) dropOldest(rawFile, settings.raw, question.now);
        return null;
      case 'close':
        receiptsFile?.database[Symbol.dispose]();
        rawFile?.database[Symbol.dispose]();
        return null;
    }
  }

  return {
    answer,
    write(group) {
      if (group.receipts.length + group.completions.length > 0) {
        const { database, rows } = receipts();
        database.transaction(() => {
          rows.add(group.receipts);
          group.completions.forEach(rows.complete);
        });
      }
      if (group.raw.length > 0) {
        const { database, rows } = raw();
        database.transaction(() => rows.add(group.raw));
      }
    },
  };
}
