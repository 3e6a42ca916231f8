import { fdatasync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { bareLoop } from './bare-loop.ts';

/** The bare loop into files: one write and one fdatasync a batch. */
const [baseUrl = '', dir = ''] = process.argv.slice(2);
const sync = promisify(fdatasync);
const append = promisify(write) as (fd: number, bytes: Buffer) => Promise<unknown>;
const files = new Map(feedNames.map((feed) => [feed, openSync(join(dir, `${feed}.ndjson`), 'a')]));

await bareLoop(baseUrl, async (feed, notifications) => {
  const fd = files.get(feed) ?? -1;
  await append(fd, Buffer.from(notifications.map((notification) => `${JSON.stringify(notification)}\n`).join('')));
  await sync(fd);
});
