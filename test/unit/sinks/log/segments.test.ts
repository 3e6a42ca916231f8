import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { append, faultyFiles, scratch, settings, systemError } from './support.ts';

test('a new segment begins before the present one grows too large, and no append is split', async () => {
  await using place = await scratch();
  const log = place.open({ settings: () => ({ ...settings, segmentBytes: 10 }) });
  await append(log, 'aaaa');
  await append(log, 'bbbb');
  await append(log, 'c', 'd', 'e', 'ffffffffff');
  await append(log, 'g');
  await log.close();
  expect((await readdir(place.folder)).sort().map((name) => Number.parseInt(name, 10))).toEqual([0, 2, 6]);
  expect(await place.read()).toEqual(['0 aaaa', '1 bbbb', '2 c', '3 d', '4 e', '5 ffffffffff', '6 g']);
});

test('a new segment begins with the first event after the age, also across a restart', async () => {
  await using place = await scratch();
  let late = 0;
  const changes = { settings: () => ({ ...settings, segmentAge: 60_000 }), now: () => Date.now() + late };
  const before = place.open(changes);
  await append(before, 'a');
  await append(before, 'b');
  await before.close();
  late = 61_000;
  const after = place.open(changes);
  await append(after, 'c');
  await append(after, 'd');
  await after.close();
  expect((await readdir(place.folder)).sort().map((name) => Number.parseInt(name, 10))).toEqual([0, 2]);
});

test('the oldest segments go when a topic is too large, never the one being written', async () => {
  await using place = await scratch();
  const log = place.open({ settings: () => ({ ...settings, segmentBytes: 10, retainBytes: 25 }) });
  for (const line of ['a', 'b', 'c', 'd', 'e']) await append(log, line.repeat(9));
  expect(await place.read()).toEqual(['2 ccccccccc', '3 ddddddddd', '4 eeeeeeeee']);
  await append(log, 'f'.repeat(100));
  await append(log, 'g'.repeat(9));
  await log.close();
  expect(await place.read()).toEqual(['6 ggggggggg']);
});

test('segments that are too old go, never the one being written', async () => {
  await using place = await scratch();
  const log = place.open({ settings: () => ({ ...settings, segmentBytes: 2, retainAge: 60_000 }) });
  for (const line of ['a', 'b', 'c']) await append(log, line);
  const old = new Date(Date.now() - 120_000);
  for (const name of await readdir(place.folder)) await utimes(join(place.folder, name), old, old);
  await append(log, 'd');
  await log.close();
  expect(await place.read()).toEqual(['3 d']);
});

test('a segment that cannot be begun fails the append and loses nothing', async () => {
  await using place = await scratch();
  let faulty = false;
  const log = place.open({
    settings: () => ({ ...settings, segmentBytes: 2 }),
    openFile: faultyFiles((operation) => {
      if (faulty && operation === 'open') throw systemError('EMFILE');
    }),
  });
  await append(log, 'a');
  faulty = true;
  expect(await append(log, 'b')).toBe('failed');
  faulty = false;
  expect(await append(log, 'b')).toBe(1);
  await log.close();
  expect(await place.read()).toEqual(['0 a', '1 b']);
});

test('many appends at once are written in order of calling, several at a time', async () => {
  await using place = await scratch();
  let syncs = 0;
  const log = place.open({
    openFile: faultyFiles((operation) => {
      if (operation === 'datasync') syncs += 1;
    }),
  });
  const offsets = await Promise.all(Array.from({ length: 100 }, (_, n) => append(log, `${n}a`, `${n}b`)));
  await log.close();
  expect(offsets).toEqual(offsets.map((_, n) => 2 * n));
  expect(await place.read()).toEqual(offsets.flatMap((_, n) => [`${2 * n} ${n}a`, `${2 * n + 1} ${n}b`]));
  expect(syncs).toBeLessThan(10);
});
