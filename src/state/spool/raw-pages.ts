import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { companions } from './quarantine.ts';
import { pageSize } from './schema.ts';

/** The pages of a database file and of what is left of its WAL, as they lie on the disk, whatever state they are in. */
export interface RawPages extends Disposable {
  /** Every page of the file, then every version of a page that the WAL has. The buffer is only good until the next one. */
  all(): Generator<Buffer>;
  /** A page by its number: the newest one, and those that it may have been meant to replace. */
  versions(number: number): readonly Buffer[];
}

const walHeader = 32;
const frameHeader = 24;
const frameSize = frameHeader + pageSize;
const pagesAtOnce = 256;

interface RawFile {
  readonly size: number;
  /** What can be read there; a page that the disk refuses is left out as zeros. */
  read(position: number, length: number): Buffer;
  close(): void;
}

function openRaw(path: string): RawFile | undefined {
  if (!existsSync(path)) return undefined;
  const fd = openSync(path, 'r');

  function readInto(bytes: Buffer, position: number): number {
    try {
      return readSync(fd, bytes, 0, bytes.length, position);
    } catch {
      if (bytes.length <= pageSize) return bytes.length;
      let done = 0;
      for (; done < bytes.length; done += pageSize) readInto(bytes.subarray(done, done + pageSize), position + done);
      return bytes.length;
    }
  }

  return {
    size: fstatSync(fd).size,
    read(position, length) {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readInto(bytes, position));
    },
    close: () => closeSync(fd),
  };
}

/** Where in the WAL the frames of its last round are: earlier rounds, which may lie behind them, have other salts. */
function framesOf(wal: RawFile): readonly { readonly position: number; readonly page: number }[] {
  const headerSalts = wal.read(16, 8);
  const firstSalts = wal.read(walHeader + 8, 8);
  const frames: { readonly position: number; readonly page: number }[] = [];
  for (let position = walHeader; position + frameSize <= wal.size; position += frameSize) {
    const header = wal.read(position, frameHeader);
    if (header.length < frameHeader) break;
    const salts = header.subarray(8, 16);
    if (!salts.equals(headerSalts) && !salts.equals(firstSalts)) continue;
    frames.push({ position: position + frameHeader, page: header.readUInt32BE(0) });
  }
  return frames;
}

export function openRawPages(file: string): RawPages {
  const main = openRaw(file);
  const wals = companions.flatMap((ending) => openRaw(`${file}${ending}`) ?? []);
  const frames = wals.flatMap((wal) => framesOf(wal).map((frame) => ({ ...frame, wal })));
  const newest = new Map(frames.map((frame) => [frame.page, frame]));

  function* all(): Generator<Buffer> {
    for (let position = 0; main !== undefined && position < main.size; position += pagesAtOnce * pageSize) {
      const pages = main.read(position, pagesAtOnce * pageSize);
      for (let start = 0; start + pageSize <= pages.length; start += pageSize) {
        yield pages.subarray(start, start + pageSize);
      }
    }
    for (const { wal, position } of frames) yield wal.read(position, pageSize);
  }

  return {
    all,
    versions(number) {
      const inWal = newest.get(number);
      const pages = [
        ...(inWal ? [inWal.wal.read(inWal.position, pageSize)] : []),
        ...(main && number > 0 ? [main.read((number - 1) * pageSize, pageSize)] : []),
      ];
      return pages.filter((page) => page.length === pageSize);
    },
    [Symbol.dispose]() {
      for (const raw of [main, ...wals]) raw?.close();
    },
  };
}
