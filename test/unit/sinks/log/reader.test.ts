import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openLogReader } from '../../../../src/sinks/log/reader.ts';
import { segmentName } from '../../../../src/sinks/log/segment.ts';
import { scratch } from './support.ts';

const source = '/fenergo/journey';
const { signal } = new AbortController();
const line = (id: string, from = source) => `${JSON.stringify({ specversion: '1.0', id, source: from })}\n`;
const expected = (id: string, offset: number, topic = 't') => ({ source, id, receipt: { topic, offset } });

async function fill(dir: string, topic: string, segments: Readonly<Record<number, string>>): Promise<void> {
  await mkdir(join(dir, topic), { recursive: true });
  for (const [offset, content] of Object.entries(segments)) {
    await writeFile(join(dir, topic, segmentName(Number(offset))), content);
  }
}

async function opened(segments: Readonly<Record<number, string>>) {
  const place = await scratch();
  await fill(place.dir, 't', segments);
  const reader = openLogReader(place.dir);
  return {
    dir: place.dir,
    reader,
    async [Symbol.asyncDispose]() {
      await reader[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

test('finds each event at its offset, in any order, over segments', async () => {
  await using log = await opened({ 5: line('a') + line('b'), 7: line('c') + line('d') });
  const wanted = [expected('a', 5), expected('d', 8), expected('c', 7), expected('b', 6), expected('b', 6)];
  expect(await log.reader.lookUp(wanted, signal)).toEqual(wanted.map(() => ({ status: 'found' })));
});

test('says what is there instead, by id and by source, and that what is there is no event', async () => {
  await using log = await opened({ 0: `${line('other')}${line('b', '/elsewhere')}no event\n` });
  const wanted = [expected('a', 0), expected('b', 1), expected('c', 2)];
  expect(await log.reader.lookUp(wanted, signal)).toEqual([
    { status: 'different', detail: `there is event other of ${source}` },
    { status: 'different', detail: 'there is event b of /elsewhere' },
    { status: 'different', detail: 'what is there is no CloudEvent' },
  ]);
});

test('tells what is no longer kept from what is not there', async () => {
  await using log = await opened({ 5: line('a') });
  expect(await log.reader.lookUp([expected('x', 4), expected('x', 6), expected('x', 0, 'none')], signal)).toEqual([
    { status: 'expired' },
    { status: 'missing', detail: expect.stringContaining('nothing is there') },
    { status: 'missing', detail: expect.stringContaining('there is no topic none') },
  ]);
});

test('sees what is written, and what is deleted, between two looks', async () => {
  await using log = await opened({ 0: line('a'), 1: line('b') });
  expect(await log.reader.lookUp([expected('b', 1), expected('c', 2)], signal)).toMatchObject([
    { status: 'found' },
    { status: 'missing' },
  ]);
  await appendFile(join(log.dir, 't', segmentName(1)), line('c'));
  await rm(join(log.dir, 't', segmentName(0)));
  expect(await log.reader.lookUp([expected('c', 2), expected('a', 0)], signal)).toEqual([
    { status: 'found' },
    { status: 'expired' },
  ]);
});

test('does not take the receipt of another kind of broker for one of its own', async () => {
  await using log = await opened({ 0: line('a') });
  const receipt = { topic: 't', partition: 0, offset: 7 };
  expect(await log.reader.lookUp([{ source, id: 'a', receipt }], signal)).toMatchObject([{ status: 'unclear' }]);
});

test('stops when it is told to', async () => {
  await using log = await opened({ 0: line('a') });
  const looking = log.reader.lookUp([expected('a', 0)], AbortSignal.abort());
  await expect(looking).rejects.toMatchObject({ code: 'STOPPING' });
});
