import { fdatasync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bareHooks } from './bare-hooks.ts';

/** The bare handler into a file: one write and one fdatasync for all that waits. */
const [port = '', signed = '', dir = ''] = process.argv.slice(2);
const sync = promisify(fdatasync);
const append = promisify(write) as (fd: number, bytes: Buffer) => Promise<unknown>;
const fd = openSync(join(dir, 'events.ndjson'), 'a');
const lineFeed = Buffer.from('\n');

await bareHooks(Number(port), signed === 'signed', async (events) => {
  await append(fd, Buffer.concat(events.flatMap(({ body }) => [body, lineFeed])));
  await sync(fd);
});
