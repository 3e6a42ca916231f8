import { cp, open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { full } from '../../crash/scale.ts';
import { openStore } from './spool-samples.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

const feed = 'a/one';
const MiB = 1024 ** 2;
const size = full ? 1024 * MiB : 80 * MiB;
const body = 1_500;
/** What is promised for a file of 1 GiB. */
const soonMs = 5_000;

let place: TemporaryDirectory;
let records = 0;

beforeAll(async () => {
  place = await temporaryDirectory();
  using spool = openStore(join(place.path, 'sound'), { maxBytes: 2 * size });
  while (spool.store.state().bytes < 0.9 * size) {
    spool.append(
      feed,
      Array.from({ length: 1_000 }, (_, n) => `${records + n} ${'x'.repeat(body)}`),
    );
    records += 1_000;
  }
}, 600_000);
afterAll(() => place[Symbol.asyncDispose]());

async function overwrite(file: string, positions: readonly number[]): Promise<void> {
  await using handle = await open(file, 'r+');
  for (const position of positions) await handle.write(new Uint8Array(4096).fill(0xa5), 0, 4096, position);
}

test.each([
  ['not damaged', async () => {}, 0],
  ['damaged in its header', (file: string) => overwrite(file, [0]), 0],
  [
    'damaged in a hundred pages',
    (file: string) =>
      overwrite(
        file,
        Array.from({ length: 100 }, (_, n) => n * 500_000),
      ),
    400,
  ],
  ['cut in half', async (file: string) => truncate(file, (await stat(file)).size / 2), undefined],
] as const)(
  'a large file that is %s is open within 5 s, takes records at once, and then gives what it has',
  async (_, damage, lost) => {
    const dir = join(place.path, 'damaged');
    await cp(join(place.path, 'sound'), dir, { recursive: true, force: true });
    await damage(join(dir, 'spool.db'));
    const began = performance.now();
    using spool = openStore(dir, { maxBytes: 2 * size });
    const [appended] = spool.append(feed, ['new']);
    const tookMs = performance.now() - began;
    expect(tookMs).toBeLessThan(soonMs);
    expect(appended?.sequence).toBeGreaterThan(records);
    while (spool.store.rest());
    // Damage that opening does not see is found by reading.
    let sequence = 0;
    let missing = 0;
    let there = 0;
    while (sequence < (appended?.sequence ?? 0)) {
      const page = spool.store.read({ kind: 'read', feed, after: sequence, records: 5_000, bytes: 8 * MiB });
      while (spool.store.rest());
      if (spool.store.salvaging()) continue;
      sequence = Math.max(page.records.at(-1)?.sequence ?? sequence, page.gaps.at(-1)?.to ?? sequence);
      there += page.records.length;
      for (const { from, to } of page.gaps) missing += Math.max(0, Math.min(to, records) - from + 1);
    }
    expect(there + missing).toBe(records + 1);
    if (lost !== undefined) expect(missing).toBeLessThanOrEqual(lost);
    console.log(
      `spool of ${Math.round(size / MiB)} MiB: open and taking records after ${Math.round(tookMs)} ms, ${missing} of ${records} lost`,
    );
  },
  300_000,
);
