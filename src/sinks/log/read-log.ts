import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isLost, listSegments, segmentName } from './segment.ts';

export interface LogLine {
  readonly topic: string;
  readonly offset: number;
  /** A structured CloudEvent, without the newline. */
  readonly line: string;
}

const lineFeed = 0x0a;
const chunkBytes = 256 * 1024;

async function* linesOf(path: string): AsyncGenerator<string> {
  const handle = await open(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(chunkBytes);
    const begun: Buffer[] = [];
    for (let position = 0; ; ) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, position);
      // What is left without a newline is torn, or being written.
      if (bytesRead === 0) return;
      const read = chunk.subarray(0, bytesRead);
      let start = 0;
      for (let at = read.indexOf(lineFeed); at !== -1; at = read.indexOf(lineFeed, start)) {
        yield Buffer.concat([...begun.splice(0), read.subarray(start, at)]).toString();
        start = at + 1;
      }
      if (start < bytesRead) begun.push(Buffer.from(read.subarray(start)));
      position += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** What is in a topic, from an offset on, or from the first one that is left. Rejects when there is no such topic. */
export async function* readTopic(dir: string, topic: string, from = 0): AsyncGenerator<LogLine> {
  const folder = join(dir, topic);
  const segments = await listSegments(folder);
  for (const firstOffset of segments.slice(
    Math.max(
      0,
      segments.findLastIndex((first) => first <= from),
    ),
  )) {
    let offset = firstOffset;
    try {
      for await (const line of linesOf(join(folder, segmentName(firstOffset)))) {
        if (offset >= from) yield { topic, offset, line };
        offset += 1;
      }
    } catch (error) {
      // Retention may delete a segment while the ones before it are read.
      if (!isLost(error)) throw error;
    }
  }
}

/**
 * What is in a log, topic by topic, each in order of offset. Needs no lock, and can be used while the log is written.
 * Nothing where there is no such log or topic. Rejects with the file system's error when it cannot be read.
 */
export async function* readLog(dir: string, topic?: string): AsyncGenerator<LogLine> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const topics = entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    for (const name of topics.sort()) if (topic === undefined || topic === name) yield* readTopic(dir, name);
  } catch (error) {
    if (!isLost(error)) throw error;
  }
}
