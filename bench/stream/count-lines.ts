import { createReadStream, existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Counts the lines of all files below a folder as they grow: reads what it has not seen yet. */
export function createLineCounter(dir: string): () => Promise<number> {
  const seen = new Map<string, number>();
  let lines = 0;
  return async () => {
    const names = existsSync(dir) ? await readdir(dir, { recursive: true }) : [];
    for (const name of names.filter((each) => each.endsWith('.ndjson'))) {
      const file = join(dir, name);
      const start = seen.get(file) ?? 0;
      const { size } = await stat(file);
      if (size <= start) continue;
      for await (const chunk of createReadStream(file, { start, end: size - 1, highWaterMark: 1024 ** 2 })) {
        lines += countIn(chunk as Buffer);
      }
      seen.set(file, size);
    }
    return lines;
  };
}

function countIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}
