import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSpool } from '../../../src/state/spool/open-spool.ts';
import { spoolEntry } from '../../conformance/state/spool-samples.ts';
import { createSpoolTail } from '../../support/judge/spool-tail.ts';
import { temporaryDirectory } from '../state/temporary-directory.ts';

const feed = 'fenergo/journey';
const entryOf = (id: string, batchId = 'b') => ({
  ...spoolEntry(JSON.stringify({ id, payload: 'x'.repeat((id.length * 977) % 9_000) })),
  batchId,
});

async function place() {
  const directory = await temporaryDirectory();
  const spool = openSpool({ dir: join(directory.path, 'spool'), maxBytes: 1024 ** 3 });
  return {
    spool,
    path: directory.path,
    async [Symbol.asyncDispose]() {
      await spool[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test('knows what was ever in the spool of a bridge that runs, and nothing else', async () => {
  await using own = await place();
  const tail = createSpoolTail(own.path);
  expect(tail.absent('journey', ['before'])).toEqual(['before']);
  const all: string[] = [];
  // Far more than its WAL takes before it begins anew, and released on the way.
  for (let n = 0; n < 60; n += 1) {
    const ids = Array.from({ length: 50 }, (_, m) => `${n}-${m}${'-'.repeat(m % 7)}`);
    const appended = await own.spool.append(
      feed,
      ids.map((id) => entryOf(id)),
    );
    // Looking for what is not there takes a copy of all.
    const missing = n % 15 === 14 ? [`missing ${n}`] : [];
    expect(tail.absent('journey', [...ids, ...missing])).toEqual(missing);
    await own.spool.release(feed, (appended.at(-1)?.sequence ?? 0) - 100);
    all.push(...ids);
  }
  expect(tail.absent('journey', all)).toEqual([]);
});

test('knows what it did not look at while it came, as long as it is there', async () => {
  await using own = await place();
  const tail = createSpoolTail(own.path);
  const ids = Array.from({ length: 3_000 }, (_, n) => `${n}`);
  for (let n = 0; n < ids.length; n += 500)
    await own.spool.append(
      feed,
      ids.slice(n, n + 500).map((id) => entryOf(id, `${n}`)),
    );
  expect(tail.absent('journey', ids)).toEqual([]);
  expect(tail.records()).toBe(3_000);
  expect(tail.batches()).toEqual([
    'journey/0',
    'journey/500',
    'journey/1000',
    'journey/1500',
    'journey/2000',
    'journey/2500',
  ]);
  await using copy = await temporaryDirectory();
  await cp(own.path, copy.path, { recursive: true });
  expect(createSpoolTail(copy.path).records()).toBe(3_000);
});

test('knows what a bridge left in it that ended cleanly', async () => {
  await using directory = await temporaryDirectory();
  {
    await using spool = openSpool({ dir: join(directory.path, 'spool'), maxBytes: 1024 ** 3 });
    await spool.append(feed, [entryOf('1'), entryOf('2')]);
  }
  const tail = createSpoolTail(directory.path);
  expect(tail.records()).toBe(2);
  expect([...tail.present()]).toEqual(['1', '2']);
  expect(tail.batches()).toEqual(['journey/b']);
});
