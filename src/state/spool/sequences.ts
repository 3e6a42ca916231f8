import {
  closeSync,
  constants,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { FeedName } from '../../core/batch.ts';
import { sha256hex } from '../../core/digest.ts';
import { classified } from '../classify.ts';
import { syncDirectory } from '../directory.ts';
import { sequenceBlock } from './settings.ts';

/*
 * A small file beside spool.db that knows how far each feed is, for the case that the end of spool.db is gone. It has a
 * slot for each feed, written in place. What is accepted and released is noted after each commit without fsync, which
 * survives the process; what is reserved is fsynced before it is used, which survives a power cut too.
 */

export interface Slot {
  readonly accepted: number;
  readonly released: number;
  /** No sequence above it was ever given out. */
  readonly reserved: number;
  readonly gaps: number;
  /** Whether spool.db has a row of this feed. */
  readonly inFile: boolean;
}

export interface Sequences extends Disposable {
  /** Whether all of it could be read, or it is new. */
  readonly sound: boolean;
  /** Undefined: it was never heard of. */
  get(feed: FeedName): Slot | undefined;
  /** Whether the feed has a slot of its own. */
  isKnown(feed: FeedName): boolean;
  /** Every slot, by the digest of its feed's name. */
  all(): ReadonlyMap<string, Slot>;
  /** Makes sure that sequences up to `upTo` may be given out. Throws STATE_UNWRITABLE. */
  reserve(feed: FeedName, upTo: number): void;
  /** What was committed. What the disk refuses is noted the next time. */
  note(feed: FeedName, now: Pick<Slot, 'accepted' | 'released' | 'gaps'>): void;
  /** spool.db is a new file now, without feeds. Those that are not known start after `floor`. */
  startFile(floor: number): void;
  /** All that was given out is in spool.db, which is closed: from here on, not one may be missing. */
  settle(): void;
}

const magic = 0x46465351; // FFSQ
const slotSize = 64;

export function digestOf(feed: FeedName): string {
  return sha256hex(Buffer.from(feed)).slice(0, 32);
}

function encode(digest: string, { accepted, released, reserved, gaps, inFile }: Slot): Buffer {
  const bytes = Buffer.alloc(slotSize);
  bytes.writeUInt32LE(magic, 0);
  bytes.write(digest, 4, 'hex');
  for (const [index, value] of [accepted, released, reserved, gaps].entries())
    bytes.writeDoubleLE(value, 20 + index * 8);
  bytes.writeUInt8(inFile ? 1 : 0, 52);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

function decode(bytes: Buffer): { readonly digest: string; readonly slot: Slot } | undefined {
  if (bytes.readUInt32LE(0) !== magic || bytes.readUInt32LE(60) !== crc32(bytes.subarray(0, 60))) return undefined;
  const number = (index: number) => bytes.readDoubleLE(20 + index * 8);
  const slot = { accepted: number(0), released: number(1), reserved: number(2), gaps: number(3) };
  return { digest: bytes.toString('hex', 4, 20), slot: { ...slot, inFile: bytes.readUInt8(52) === 1 } };
}

/** Of feeds that are not known, once their slots may have been lost. */
const anyFeed = '0'.repeat(32);
/** Of none: it is there from the beginning, so that a file without it has lost something. */
const noFeed = 'f'.repeat(32);
const none: Slot = { accepted: 0, released: 0, reserved: 0, gaps: 0, inFile: false };

/** Opens the side file, creating it. `expected`: it must be there, since spool.db is. Throws STATE_UNWRITABLE. */
export function openSequences(file: string, expected: boolean): Sequences {
  const slots = new Map<string, Slot>();
  const sound = classified(file, () => readSlots(file, slots)) ?? !expected;
  if (!sound) classified(file, () => replaceFile(file, slots));
  const fd = classified(file, () => openSync(file, constants.O_CREAT | constants.O_RDWR, 0o600));
  const places = new Map([...slots.keys()].map((digest, index) => [digest, index * slotSize]));
  const sync = () => fdatasyncSync(fd);
  try {
    classified(file, begin);
  } catch (error) {
    closeSync(fd);
    throw error;
  }

  function begin(): void {
    syncDirectory(dirname(file));
    if (slots.size > 0) return;
    write(noFeed, none);
    sync();
  }

  function write(digest: string, slot: Slot): void {
    const place = places.get(digest) ?? places.size * slotSize;
    writeSync(fd, encode(digest, slot), 0, slotSize, place);
    places.set(digest, place);
    slots.set(digest, slot);
  }

  const get = (feed: FeedName) => slots.get(digestOf(feed));

  return {
    sound,
    get: (feed) => get(feed) ?? slots.get(anyFeed),
    isKnown: (feed) => slots.has(digestOf(feed)),
    all: () => new Map([...slots].filter(([digest]) => digest !== anyFeed && digest !== noFeed)),
    reserve(feed, upTo) {
      const slot = get(feed) ?? none;
      if (upTo <= slot.reserved) return;
      classified(file, () => {
        write(digestOf(feed), { ...slot, reserved: upTo + sequenceBlock });
        sync();
      });
    },
    note(feed, { accepted, released, gaps }) {
      const reserved = Math.max(get(feed)?.reserved ?? 0, accepted);
      try {
        write(digestOf(feed), { accepted, released, gaps, reserved, inFile: true });
      } catch {
        // It then lags behind spool.db, which is no damage.
      }
    },
    startFile(floor) {
      classified(file, () => {
        for (const [digest, slot] of slots) write(digest, { ...slot, inFile: false });
        if (floor > 0) write(anyFeed, { accepted: floor, released: floor, reserved: floor, gaps: 0, inFile: false });
        sync();
      });
    },
    settle() {
      classified(file, () => {
        for (const [digest, slot] of slots) if (slot.inFile) write(digest, { ...slot, reserved: slot.accepted });
        sync();
      });
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}

/** Whether all of the file is good; undefined where there is nothing. */
function readSlots(file: string, slots: Map<string, Slot>): boolean | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  if (bytes.length === 0) return undefined;
  let sound = bytes.length % slotSize === 0;
  for (let place = 0; place + slotSize <= bytes.length; place += slotSize) {
    const read = decode(bytes.subarray(place, place + slotSize));
    if (read === undefined) sound = false;
    else slots.set(read.digest, read.slot);
  }
  return sound;
}

/** What is left of it, as a file without holes. */
function replaceFile(file: string, slots: ReadonlyMap<string, Slot>): void {
  const draft = `${file}.new`;
  const fd = openSync(draft, 'w', 0o600);
  try {
    writeSync(fd, Buffer.concat([...slots].map(([digest, slot]) => encode(digest, slot))));
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, file);
}
