import { appendFile, mkdir, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { append, scratch, settings } from './support.ts';

const first = '00000000000000000000.ndjson';

test('offsets go on after a restart', async () => {
  await using place = await scratch();
  const before = place.open();
  expect(await append(before, 'a', 'b')).toBe(0);
  await before.close();
  const after = place.open();
  expect(await append(after, 'c')).toBe(2);
  await after.close();
  expect(await place.read()).toEqual(['0 a', '1 b', '2 c']);
  expect(place.repaired).toEqual([]);
});

test('offsets go on after a restart across segments, of which only the last is read', async () => {
  await using place = await scratch();
  const small = { settings: () => ({ ...settings, segmentBytes: 4 }) };
  const before = place.open(small);
  for (const line of ['a', 'b', 'c', 'd', 'e']) await append(before, line);
  await before.close();
  const names = await readdir(place.folder);
  expect(names.sort()).toEqual([first, '00000000000000000002.ndjson', '00000000000000000004.ndjson']);
  await writeFile(join(place.folder, first), 'garbage without a newline');
  const after = place.open(small);
  expect(await append(after, 'f')).toBe(5);
  await after.close();
});

test.each([
  ['half a line', 'b"half', ['0 a', '1 next']],
  ['whole lines and half a line', 'b\nc\nhalf', ['0 a', '1 b', '2 c', '3 next']],
  ['zeros', '\0\0\0\0', ['0 a', '1 next']],
  ['a megabyte of zeros and then a line', `b\n${'\0'.repeat(1.5 * 1024 ** 2)}\nc\n`, ['0 a', '1 b', '2 next']],
  ['zeros and then a line', 'b\n\0\0\0\0c\n', ['0 a', '1 b', '2 next']],
])('a torn end is cut off and reported: %s', async (_, tail, expected) => {
  await using place = await scratch();
  const before = place.open();
  await append(before, 'a');
  await before.close();
  const file = join(place.folder, first);
  await appendFile(file, tail);
  const after = place.open();
  await append(after, 'next');
  await after.close();
  expect(await place.read()).toEqual(expected);
  const kept = expected.slice(1, -1).length * 2;
  expect(place.repaired).toEqual([[file, tail.length - kept]]);
  expect((await readFile(file)).includes('\0')).toBe(false);
});

test('a torn end that spans read buffers is cut off', async () => {
  await using place = await scratch();
  const long = 'x'.repeat(1_500_000);
  const before = place.open();
  await append(before, long, long);
  await before.close();
  await appendFile(join(place.folder, first), long);
  const after = place.open();
  expect(await append(after, 'next')).toBe(2);
  await after.close();
  expect(await place.read()).toEqual([`0 ${long}`, `1 ${long}`, '2 next']);
  expect(place.repaired[0]?.[1]).toBe(long.length);
});

test('an empty last segment is used', async () => {
  await using place = await scratch();
  await mkdir(place.folder);
  await writeFile(join(place.folder, '00000000000000000007.ndjson'), '');
  const log = place.open();
  expect(await append(log, 'a')).toBe(7);
  await log.close();
});

test('strange files in the folder are left alone', async () => {
  await using place = await scratch();
  await mkdir(join(place.folder, 'sub'), { recursive: true });
  const strange = [
    'notes.txt',
    '99.ndjson',
    '00000000000000000009.ndjson.bak',
    '0000000000000000000x.ndjson',
    '.probe-1',
  ];
  for (const name of strange) await writeFile(join(place.folder, name), 'strange\n');
  const log = place.open({ settings: () => ({ ...settings, retainBytes: 0, retainAge: 0, segmentBytes: 1 }) });
  expect([await append(log, 'a'), await append(log, 'b')]).toEqual([0, 1]);
  await log.close();
  expect(await place.read()).toEqual(['1 b']);
  expect(await readdir(place.folder)).toEqual(expect.arrayContaining(strange));
});

test.each([
  ['deleted', (file: string) => rm(file)],
  ['deleted with its folder', (file: string) => rm(join(file, '..'), { recursive: true })],
])(
  'a segment that is %s in use confirms nothing that no reader can find, and offsets are not given twice',
  async (_, harm) => {
    await using place = await scratch();
    const log = place.open();
    expect(await append(log, 'a', 'b')).toBe(0);
    await harm(join(place.folder, first));
    expect(await append(log, 'c')).toBe('unknown');
    expect(await append(log, 'c')).toBe(2);
    await log.close();
    expect(await place.read()).toEqual(['2 c']);
  },
);

test('a folder that is moved away in use keeps what was confirmed', async () => {
  await using place = await scratch();
  const log = place.open();
  await append(log, 'a');
  await rename(place.folder, join(place.dir, 'moved'));
  expect(await append(log, 'b')).toBe(1);
  await log.close();
  expect(await place.read()).toEqual(['0 a', '1 b']);
});

test('a segment that somebody shortened is not filled up with zeros', async () => {
  await using place = await scratch();
  const before = place.open();
  await append(before, 'a', 'b', 'c');
  await before.close();
  await truncate(join(place.folder, first), 2);
  const after = place.open();
  expect(await append(after, 'd')).toBe(1);
  await after.close();
  expect(await place.read()).toEqual(['0 a', '1 d']);
});
