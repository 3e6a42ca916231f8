import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { StoredEvent } from './judge.ts';

/** Reads the embedded log with nothing but the file system, from where it ended the last time. */
export interface LogTail {
  /** What was appended since, whole lines only. */
  read(feed: string): readonly StoredEvent[];
  /** Which of these are not in the log right now. */
  absent(feed: string, ids: readonly string[]): readonly string[];
}

interface Place {
  segment: string;
  offset: number;
  readonly ids: Set<string>;
}

const lineFeed = 0x0a;

function bytesFrom(path: string, offset: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(file);
  }
}

function segmentsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** `folderOf`: of a feed's topic in the log. */
export function createLogTail(logDir: string, folderOf: (feed: string) => string): LogTail {
  const places = new Map<string, Place>();

  function placeOf(feed: string): Place {
    const known = places.get(feed);
    if (known) return known;
    const place = { segment: '', offset: 0, ids: new Set<string>() };
    places.set(feed, place);
    return place;
  }

  function read(feed: string): readonly StoredEvent[] {
    const place = placeOf(feed);
    const folder = join(logDir, folderOf(feed));
    const events: StoredEvent[] = [];
    for (const segment of segmentsIn(folder)) {
      if (segment < place.segment) continue;
      if (segment > place.segment) Object.assign(place, { segment, offset: 0 });
      const bytes = bytesFrom(join(folder, segment), place.offset);
      let start = 0;
      for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, start)) {
        const line = bytes.subarray(start, end);
        const { id } = JSON.parse(line.toString()) as { id: string };
        place.ids.add(id);
        events.push({ feed, id, bytes: line });
        start = end + 1;
      }
      place.offset += start;
    }
    return events;
  }

  return {
    read,
    absent(feed, ids) {
      read(feed);
      const known = placeOf(feed).ids;
      return ids.filter((id) => !known.has(id));
    },
  };
}
