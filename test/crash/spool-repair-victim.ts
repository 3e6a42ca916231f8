import type { FeedName } from '../../src/core/batch.ts';
import { openSpool } from '../../src/state/spool/open-spool.ts';

/* Run as a process of its own: opens a spool, says so, appends and releases where it is told to, until it is killed. */

const [, , dir = '', feed = '', life = '', release = '0'] = process.argv;
const spool = openSpool({
  dir,
  maxBytes: 1024 ** 3,
  // All salvage is done after the opening, while records come in.
  salvageMs: 0,
  onReport: (report) => process.stdout.write(`${report.kind}\n`),
});
const entry = (n: number) => ({
  record: { bytes: Buffer.from(`${life}-${n}`), mediaType: 'text/plain', headers: {}, receivedAt: new Date() },
  batchId: life,
  index: n,
  identity: { source: '/victim', id: `${life}-${n}`, kind: 'event', partitionkey: 'k' } as const,
});

if (Number(release) > 0) {
  await spool.release(feed as FeedName, Number(release));
  process.stdout.write(`released ${release}\n`);
}
for (let n = 0; ; n += 1) {
  const [appended] = await spool.append(feed as FeedName, [entry(n)]);
  process.stdout.write(`appended ${appended?.sequence} ${life}-${n}\n`);
}
