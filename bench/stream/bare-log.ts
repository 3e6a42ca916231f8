import { fdatasync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareStream } from './bare-stream.ts';

/** The bare stream into a file: one write and one fdatasync for all that waits, of which there are so many at most. */
const mostWaiting = 10_000;
const [baseUrl = '', dir = ''] = process.argv.slice(2);
const sync = promisify(fdatasync);
const append = promisify(write) as (fd: number, bytes: Buffer) => Promise<unknown>;
const fd = openSync(join(dir, 'events.ndjson'), 'a');

let waiting: string[] = [];
let working: Promise<void> | undefined;

async function work() {
  while (waiting.length > 0) {
    const taken = waiting;
    waiting = [];
    await append(fd, Buffer.from(`${taken.join('\n')}\n`));
    await sync(fd);
  }
  working = undefined;
}

await bareStream(baseUrl, ({ body }) => {
  waiting.push(body);
  working ??= work();
  return waiting.length < mostWaiting ? undefined : working;
});
