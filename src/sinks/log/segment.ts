import { constants, fstatSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './folder.ts';

/** What a segment needs of an open file; a FileHandle has it. */
export interface SegmentFile {
  readonly fd: number;
  write(bytes: Uint8Array, from: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

export type OpenFile = (path: string, flags: number) => Promise<SegmentFile>;

export const openFile: OpenFile = open;

const extension = '.ndjson';
const digits = 20;

/** `00000000000000000042.ndjson` begins with the line at offset 42. */
export function segmentName(firstOffset: number): string {
  return `${String(firstOffset).padStart(digits, '0')}${extension}`;
}

/** First offsets of a topic's segments, ascending. Whatever else lies in the folder is left alone. */
export async function listSegments(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names
    .filter((name) => name.length === digits + extension.length && /^\d+\.ndjson$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Somebody deleted or shortened a file that was in use. */
export function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function lost(path: string): Error {
  return Object.assign(new Error(`${path} was deleted or shortened`), { code: 'ENOENT' });
}

/**
 * Opens a segment for appending after `size` bytes, and makes it when that is 0. Bytes beyond are cut off: they are left
 * from a write that failed. When it returns, the file, its length and its name are durable.
 */
export async function openSegment(
  folder: string,
  firstOffset: number,
  size: number,
  open: OpenFile,
): Promise<SegmentFile> {
  const path = join(folder, segmentName(firstOffset));
  const file = await open(path, size === 0 ? constants.O_RDWR | constants.O_CREAT : constants.O_RDWR);
  try {
    const found = fstatSync(file.fd).size;
    if (found < size) throw lost(path);
    if (found > size) await file.truncate(size);
    await file.sync();
    await syncFolder(folder);
    return file;
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** Writes at `position` and waits until it is on the disk. Rejects too when the file is no longer in any folder. */
export async function appendDurably(file: SegmentFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw Object.assign(new Error('a write took no bytes'), { code: 'EIO' });
    done += bytesWritten;
  }
  // Flushes the new length as well; only times may lag behind.
  await file.datasync();
  if (fstatSync(file.fd).nlink === 0) throw lost('the segment');
}
