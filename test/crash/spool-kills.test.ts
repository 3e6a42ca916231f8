import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import type { FeedName } from '../../src/core/batch.ts';
import { openSpool } from '../../src/state/spool/open-spool.ts';
import { temporaryDirectory } from '../unit/state/temporary-directory.ts';
import { full, seed } from './scale.ts';

const feeds: readonly FeedName[] = ['hooks/one', 'hooks/two'];
const kills = full ? 40 : 3;
const roll = dice(seed);

/** What the victim has said of a feed. */
interface Told {
  readonly appended: Map<number, string>;
  releasing: number;
  released: number;
}

/** Runs the victim until it has said so many lines, and kills it with -9. */
async function live(dir: string, life: number, lines: number): Promise<readonly string[]> {
  const script = fileURLToPath(new URL('spool-victim.ts', import.meta.url));
  const victim = spawn(process.execPath, [script, dir, String(life)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(victim, 'close');
  let said = '';
  victim.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (said.split('\n').length > lines) victim.kill('SIGKILL');
  });
  await ended;
  return said.split('\n').slice(0, -1);
}

function listen(lines: readonly string[], told: ReadonlyMap<string, Told>): void {
  for (const line of lines) {
    const [verb, feed = '', number, id = ''] = line.split(' ');
    const of = told.get(feed);
    const sequence = Number(number);
    if (of === undefined) throw new Error(`the victim said ${line}`);
    if (verb === 'appended') {
      expect(of.appended.has(sequence), `sequence ${sequence} was given out before`).toBe(false);
      of.appended.set(sequence, id);
    }
    if (verb === 'releasing') of.releasing = Math.max(of.releasing, sequence);
    if (verb === 'released') of.released = Math.max(of.released, sequence);
  }
}

test(`after ${kills} kills -9, all that was resolved is there, in order, nothing twice (FEEDFERRY_SEED=${seed})`, {
  timeout: 60_000 + kills * 15_000,
}, async () => {
  await using directory = await temporaryDirectory();
  const told = new Map(
    feeds.map((feed) => [feed as string, { appended: new Map(), releasing: 0, released: 0 } as Told]),
  );
  for (let life = 0; life < kills; life += 1) {
    listen(await live(directory.path, life, 1 + Math.floor(roll() * 600)), told);
    const reports: unknown[] = [];
    await using spool = openSpool({ dir: directory.path, maxBytes: 1024 ** 3, onReport: (news) => reports.push(news) });
    for (const feed of feeds) {
      const of = told.get(feed);
      const { records, gaps } = await spool.read(feed, 0, { records: 100_000, bytes: 1024 ** 3 });
      const ids = records.map(({ entry }) => Buffer.from(entry.record.bytes).toString().split(' ')[0] ?? '');
      expect(gaps).toEqual([]);
      expect(new Set(ids).size).toBe(ids.length);
      const first = records[0]?.sequence ?? 1;
      expect(first).toBeGreaterThan(of?.released ?? 0);
      expect(first).toBeLessThanOrEqual((of?.releasing ?? 0) + 1);
      expect(records.map(({ sequence }) => sequence)).toEqual(ids.map((_, n) => first + n));
      for (const [sequence, id] of of?.appended ?? []) if (sequence >= first) expect(ids[sequence - first]).toBe(id);
      for (const own of Map.groupBy(ids, (id) => id.split('-').slice(0, 2).join('-')).values()) {
        const turns = own.map((id) => Number(id.split('-')[2]));
        expect(turns).toEqual(turns.toSorted((a, b) => a - b));
      }
    }
    expect(reports).toEqual([]);
  }
  const resolved = [...told.values()].reduce((sum, of) => sum + of.appended.size, 0);
  expect(resolved).toBeGreaterThan(0);
  console.log(`spool: ${kills} kills -9, ${resolved} appends resolved: none lost, none out of order, none twice`);
});
