import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogTail } from '../../support/judge/log-tail.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'feedferry-tail-'));
  await mkdir(join(dir, 'p.journey'));
});

afterEach(() => rm(dir, { recursive: true }));

const first = '00000000000000000000.ndjson';
const second = '00000000000000000002.ndjson';

it('gives what is new, in order, across segments, and nothing of a line that is still being written', async () => {
  const tail = createLogTail(dir, (feed) => `p.${feed}`);
  expect(tail.read('journey')).toEqual([]);
  await writeFile(join(dir, 'p.journey', first), '{"id":"a"}\n{"id":"b"}\n{"id"');
  expect(tail.read('journey').map(({ id, bytes }) => [id, String(bytes)])).toEqual([
    ['a', '{"id":"a"}'],
    ['b', '{"id":"b"}'],
  ]);
  expect(tail.absent('journey', ['a', 'c'])).toEqual(['c']);
  // As recovery does after a kill.
  await truncate(join(dir, 'p.journey', first), 22);
  await appendFile(join(dir, 'p.journey', first), '{"id":"c"}\n');
  await writeFile(join(dir, 'p.journey', second), '{"id":"d"}\n');
  expect(tail.absent('journey', ['a', 'c', 'd', 'e'])).toEqual(['e']);
  expect(tail.read('journey')).toEqual([]);
  const anew = createLogTail(dir, (feed) => `p.${feed}`);
  expect(anew.read('journey').map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
});

it('finds nothing where there is no such topic', () => {
  expect(createLogTail(dir, (feed) => feed).absent('journey', ['a'])).toEqual(['a']);
});
