import type { FeedName } from '../../src/core/batch.ts';
import { openSpool } from '../../src/state/spool/open-spool.ts';
import { idOf } from './spool-ids.ts';

/* Run as a process of its own: several callers append, each in its order, and say what was resolved, until it is killed. */

const [, , dir = '', life = ''] = process.argv;
const spool = openSpool({ dir, maxBytes: 1024 ** 3 });

async function caller(feed: FeedName, name: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    const id = idOf(life, name, n);
    const identity = { source: '/victim', id, kind: 'event', partitionkey: 'k' } as const;
    const record = {
      bytes: Buffer.from(`${id} ${'x'.repeat((n * 97) % 3_000)}`),
      mediaType: 'text/plain',
      headers: {},
      receivedAt: new Date(),
    };
    const [appended] = await spool.append(feed, [{ record, batchId: life, index: n, identity }]);
    process.stdout.write(`appended ${feed} ${appended?.sequence} ${id}\n`);
    if (n % 20 !== 19 || appended === undefined) continue;
    const released = appended.sequence - 15;
    process.stdout.write(`releasing ${feed} ${released}\n`);
    await spool.release(feed, released);
    process.stdout.write(`released ${feed} ${released}\n`);
  }
}

await Promise.all([1, 2, 3].flatMap((name) => [caller('hooks/one', name), caller('hooks/two', name)]));
