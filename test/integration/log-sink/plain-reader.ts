import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PlainLine {
  readonly topic: string;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** The lines of a log with nothing but the file system: names give offsets, newlines end lines, order is by name. */
export function readPlainly(dir: string): readonly PlainLine[] {
  const lines: PlainLine[] = [];
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const name of readdirSync(join(dir, entry.name)).sort()) {
      const content = readFileSync(join(dir, entry.name, name));
      let offset = Number.parseInt(name, 10);
      for (
        let start = 0, end = content.indexOf('\n');
        end !== -1;
        start = end + 1, end = content.indexOf('\n', start)
      ) {
        lines.push({ topic: entry.name, offset, bytes: content.subarray(start, end) });
        offset += 1;
      }
    }
  }
  return lines;
}
