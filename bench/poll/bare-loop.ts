import { setTimeout as delay } from 'node:timers/promises';
import { Pool } from 'undici';
import { type FenergoFeed, feedNames } from '../../connectors/fenergo/feeds.ts';

/** How long an empty feed is left alone. */
const idleMs = 200;

/**
 * What somebody would write in an hour: next, store, complete, with the bridge's HTTP client library and no promise
 * beyond that. The baseline of the poll benchmarks; all six feeds at once, for ever.
 */
export async function bareLoop(
  baseUrl: string,
  store: (feed: FenergoFeed, notifications: readonly unknown[]) => Promise<unknown>,
): Promise<void> {
  const pool = new Pool(baseUrl);
  process.once('SIGTERM', () => process.exit());
  console.log('ready');
  await Promise.all(
    feedNames.map(async (feed) => {
      const root = `/eventnotifications/v2/${feed}`;
      for (;;) {
        const next = await pool.request({ method: 'GET', path: `${root}/next` });
        if (next.statusCode === 204) {
          await next.body.dump();
          await delay(idleMs);
          continue;
        }
        const batch = (await next.body.json()) as { batchId: string; notifications: unknown[] };
        await store(feed, batch.notifications);
        const complete = await pool.request({ method: 'POST', path: `${root}/${batch.batchId}/complete` });
        await complete.body.dump();
        if (complete.statusCode !== 200) throw new Error(`complete answered ${complete.statusCode}`);
      }
    }),
  );
}
