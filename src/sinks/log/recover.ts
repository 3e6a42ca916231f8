import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { listSegments, segmentName } from './segment.ts';

/** Where a topic's log ends. */
export interface LogEnd {
  /** Of the last segment. */
  readonly firstOffset: number;
  /** Bytes of the last segment up to its last whole line. */
  readonly size: number;
  /** Lines in these bytes. */
  readonly lines: number;
  /** When the last segment was begun, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** What lies beyond `size`: a line that a crash left half written. */
  readonly tornBytes: number;
}

const lineFeed = 0x0a;
const chunkBytes = 1024 ** 2;

/**
 * Finds the end of a topic's log; undefined when there is none yet. Only the last segment is read: its name says how
 * many lines come before it. Changes nothing.
 */
export async function findLogEnd(folder: string): Promise<LogEnd | undefined> {
  const firstOffset = (await listSegments(folder)).at(-1);
  if (firstOffset === undefined) return undefined;
  const handle = await open(join(folder, segmentName(firstOffset)), 'r');
  try {
    const { size: total, birthtimeMs, mtimeMs } = await handle.stat();
    const chunk = Buffer.allocUnsafe(Math.max(1, Math.min(chunkBytes, total)));
    let size = 0;
    let lines = 0;
    for (let position = 0; position < total; ) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) break;
      const read = chunk.subarray(0, bytesRead);
      // A power cut may leave blocks of zeros where a write had not arrived. JSON has none, so all from there is torn.
      const hole = read.indexOf(0);
      const sound = hole === -1 ? read : read.subarray(0, hole);
      for (let at = sound.indexOf(lineFeed); at !== -1; at = sound.indexOf(lineFeed, at + 1)) {
        lines += 1;
        size = position + at + 1;
      }
      if (hole !== -1) break;
      position += bytesRead;
    }
    // Some file systems keep no time of birth.
    return { firstOffset, size, lines, startedAt: birthtimeMs || mtimeMs, tornBytes: total - size };
  } finally {
    await handle.close();
  }
}
