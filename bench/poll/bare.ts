import { fdatasync, mkdirSync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'undici';
import { feedNames } from '../../connectors/fenergo/feeds.ts';

/**
 * What somebody would write in an hour: next, append, fsync, complete, with the bridge's HTTP client library and no
 * promise beyond that. The baseline of the poll benchmark.
 */
const [baseUrl = '', dir = ''] = process.argv.slice(2);
const sync = promisify(fdatasync);
const append = promisify(write) as (fd: number, bytes: Buffer) => Promise<unknown>;
mkdirSync(dir, { recursive: true });
const pool = new Pool(baseUrl);
console.log('ready');
process.once('SIGTERM', () => process.exit());

await Promise.all(
  feedNames.map(async (feed) => {
    const fd = openSync(join(dir, `${feed}.ndjson`), 'a');
    const root = `/eventnotifications/v2/${feed}`;
    for (;;) {
      const next = await pool.request({ method: 'GET', path: `${root}/next` });
      if (next.statusCode === 204) return;
      const batch = (await next.body.json()) as { batchId: string; notifications: unknown[] };
      const lines = batch.notifications.map((notification) => `${JSON.stringify(notification)}\n`).join('');
      await append(fd, Buffer.from(lines));
      await sync(fd);
      const complete = await pool.request({ method: 'POST', path: `${root}/${batch.batchId}/complete` });
      await complete.body.dump();
      if (complete.statusCode !== 200) throw new Error(`complete answered ${complete.statusCode}`);
    }
  }),
);
