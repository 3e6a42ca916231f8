import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { cp, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import type { SpoolReport } from '../../src/core/spool.ts';
import { openSpool } from '../../src/state/spool/open-spool.ts';
import { openStore } from '../unit/state/spool-samples.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../unit/state/temporary-directory.ts';
import { full, seed } from './scale.ts';

const feed = 'hooks/one';
const kills = full ? 12 : 3;
const records = full ? 200_000 : 40_000;
const roll = dice(seed);
const idOf = (n: number) => `old-${n}`;

let place: TemporaryDirectory;
const sound = () => join(place.path, 'sound');

beforeAll(async () => {
  place = await temporaryDirectory();
  using spool = openStore(sound());
  for (let n = 1; n <= records; n += 1_000) {
    spool.append(
      feed,
      Array.from({ length: 1_000 }, (_, m) => `${idOf(n + m)} ${'x'.repeat(400)}`),
    );
  }
}, 120_000);
afterAll(() => place[Symbol.asyncDispose]());

/** Runs a victim until it has said `word`, and so many milliseconds more, and kills it with -9. What it appended. */
async function live(
  dir: string,
  life: string,
  release: number,
  word: string,
  ms: number,
): Promise<ReadonlyMap<number, string>> {
  const script = fileURLToPath(new URL('spool-repair-victim.ts', import.meta.url));
  const victim = spawn(process.execPath, [script, dir, feed, life, String(release)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(victim, 'close');
  const heard = Promise.withResolvers<void>();
  let said = '';
  victim.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.includes(word)) heard.resolve();
  });
  await Promise.race([heard.promise, ended]);
  await delay(ms);
  victim.kill('SIGKILL');
  await ended;
  const lines = said
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' '));
  return new Map(lines.flatMap(([verb, sequence, id = '']) => (verb === 'appended' ? [[Number(sequence), id]] : [])));
}

/** All that is in the spool, by sequence, and what was told of it. */
async function contents(dir: string) {
  const reports: SpoolReport[] = [];
  await using spool = openSpool({ dir, maxBytes: 1024 ** 3, onReport: (report) => reports.push(report) });
  const ids = new Map<number, string>();
  for (let after = 0; ; ) {
    const page = await spool.read(feed, after, { records: 5_000, bytes: 8 * 1024 ** 2 });
    for (const { sequence, entry } of page.records) {
      expect(sequence).toBeGreaterThan(after);
      after = sequence;
      ids.set(sequence, Buffer.from(entry.record.bytes).toString().split(' ')[0] ?? '');
    }
    if (page.records.length === 0) break;
  }
  const [use] = (await spool.state()).feeds;
  return { ids, gaps: use?.gaps, released: use?.released ?? 0, reports };
}

test(`${kills} kills -9 while a damaged spool is salvaged lose nothing that was whole, nor what came meanwhile (FEEDFERRY_SEED=${seed})`, {
  timeout: 300_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await cp(sound(), directory.path, { recursive: true });
  {
    await using file = await open(join(directory.path, 'spool.db'), 'r+');
    await file.write(new Uint8Array(100), 0, 100, 0);
  }
  const appended = new Map<number, string>();
  let underWay = 0;
  for (let time = 0; time < kills; time += 1) {
    if (time > 0 && readdirSync(join(directory.path, 'salvage')).length > 0) underWay += 1;
    for (const [sequence, id] of await live(directory.path, `new${time}`, 0, 'appended', roll() * 300)) {
      expect(appended.has(sequence)).toBe(false);
      appended.set(sequence, id);
    }
  }
  expect(underWay).toBeGreaterThan(0);
  const { ids, gaps } = await contents(directory.path);
  expect(gaps).toBe(0);
  for (let n = 1; n <= records; n += 1) if (ids.get(n) !== idOf(n)) expect.fail(`record ${n} is ${ids.get(n)}`);
  for (const [sequence, id] of appended) expect(ids.get(sequence)).toBe(id);
  expect(new Set(ids.values()).size).toBe(ids.size);
  console.log(
    `spool: ${kills} kills -9 during the salvage of ${records} records, ${appended.size} appended meanwhile: none lost, none twice`,
  );
});

test(`${kills} kills -9 while what was released is deleted bring nothing back and lose nothing (FEEDFERRY_SEED=${seed})`, {
  timeout: 300_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await cp(sound(), directory.path, { recursive: true });
  const appended = new Map<number, string>();
  const part = Math.floor(records / (kills + 1));
  for (let time = 0; time < kills; time += 1) {
    const told = await live(directory.path, `new${time}`, part * (time + 1), 'released', roll() * 300);
    for (const [sequence, id] of told) appended.set(sequence, id);
  }
  const { ids, gaps, released, reports } = await contents(directory.path);
  expect([gaps, released, reports]).toEqual([0, part * kills, []]);
  for (let n = 1; n <= records; n += 1) {
    if (ids.get(n) !== (n <= released ? undefined : idOf(n))) expect.fail(`record ${n} is ${ids.get(n)}`);
  }
  for (const [sequence, id] of appended) expect(ids.get(sequence)).toBe(id);
  expect(new Set(ids.values()).size).toBe(ids.size);
  console.log(
    `spool: ${kills} kills -9 while ${released} released records were deleted, ${appended.size} appended meanwhile: none back, none lost, none twice`,
  );
});
