import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readLog } from '../../../../src/sinks/log/read-log.ts';
import { segmentName } from '../../../../src/sinks/log/segment.ts';
import { scratch } from './support.ts';

async function fill(dir: string, topic: string, segments: Readonly<Record<number, string>>): Promise<void> {
  await mkdir(join(dir, topic), { recursive: true });
  for (const [offset, content] of Object.entries(segments)) {
    await writeFile(join(dir, topic, segmentName(Number(offset))), content);
  }
}

test('gives every line of every topic with its offset', async () => {
  await using place = await scratch();
  await fill(place.dir, 'b', { 0: 'b0\n' });
  await fill(place.dir, 'a', { 10: 'a10\na11\n', 2: 'a2\n' });
  await writeFile(join(place.dir, '.lock'), '');
  expect(await Array.fromAsync(readLog(place.dir))).toEqual([
    { topic: 'a', offset: 2, line: 'a2' },
    { topic: 'a', offset: 10, line: 'a10' },
    { topic: 'a', offset: 11, line: 'a11' },
    { topic: 'b', offset: 0, line: 'b0' },
  ]);
  expect(await Array.fromAsync(readLog(place.dir, 'b'))).toEqual([{ topic: 'b', offset: 0, line: 'b0' }]);
});

test('leaves out a line that is not finished', async () => {
  await using place = await scratch();
  await fill(place.dir, 't', { 0: 'one\ntw' });
  expect(await place.read()).toEqual(['0 one']);
});

test('a log or a topic that is not there is empty', async () => {
  await using place = await scratch();
  expect(await Array.fromAsync(readLog(join(place.dir, 'nowhere')))).toEqual([]);
  expect(await Array.fromAsync(readLog(place.dir, 'nothing'))).toEqual([]);
  expect(await Array.fromAsync(readLog(place.dir, '..'))).toEqual([]);
});

test('lines longer than a read, and characters across its border, stay whole', async () => {
  await using place = await scratch();
  const long = `${'x'.repeat(262_143)}ü😀\u2028${'y'.repeat(600_000)}`;
  await fill(place.dir, 't', { 0: `${long}\nshort\n${long}\n` });
  expect(await place.read()).toEqual([`0 ${long}`, '1 short', `2 ${long}`]);
});

test('a segment that is deleted meanwhile is passed over; what is appended meanwhile is found', async () => {
  await using place = await scratch();
  await fill(place.dir, 't', { 0: 'a\nb\n', 2: 'c\n', 3: 'd\n' });
  const lines = readLog(place.dir);
  expect((await lines.next()).value?.line).toBe('a');
  await rm(join(place.dir, 't', segmentName(2)));
  await appendFile(join(place.dir, 't', segmentName(3)), 'e\n');
  expect((await Array.fromAsync(lines)).map(({ offset, line }) => `${offset} ${line}`)).toEqual(['1 b', '3 d', '4 e']);
});
