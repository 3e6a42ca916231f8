import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventMaker } from '../../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../../connectors/fenergo/simulator/options.ts';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { openState } from '../../../src/state/open.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { runHere } from './support.ts';

const feed = 'fenergo/journey';
const maker = createEventMaker('journey', 1, defaultTenant);
const since = new Date('2026-01-02T03:04:05Z');

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const run = (...args: readonly string[]) => runHere([...args, '-c', folder.file]);

function parked(index: number, body: string): DeadLetter {
  return {
    id: `${index}`.repeat(32),
    feed,
    status: 'parked',
    source: '/fenergo/journey',
    code: index === 0 ? 'EVENT_TOO_LARGE' : 'KEY_PARKED',
    reason: 'too large',
    stage: index === 0 ? 'publish' : 'parked',
    attempts: 1,
    batchId: '7',
    index,
    record: { bytes: Buffer.from(body), mediaType: 'application/json', headers: {}, receivedAt: since },
    envelope: Buffer.from(JSON.stringify({ id: maker.idOf(index + 1) })),
    firstAt: since,
    lastAt: since,
    partitionKey: 'entity-1',
    destination: 'with other settings',
  };
}

async function park(...bodies: readonly string[]) {
  await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
  await state.deadLetters.add(bodies.map((body, index) => parked(index, body)));
}

const good = (sequence: number) => maker.render(sequence, { at: since.getTime(), eventBytes: 0 });

describe('parked', () => {
  it('lists the keys, for people and for programs', async () => {
    await park(good(1), good(2));
    const { stdout } = await run('parked', 'list');
    expect(stdout).toMatch(/^FEED +KEY +EVENTS +SINCE +DESTINATION\n/);
    expect(stdout).toMatch(/fenergo\/journey +entity-1 +2 +2026-01-02T03:04:05Z +-/);
    const { stdout: json } = await run('parked', 'list', '--json');
    expect(JSON.parse(json)).toEqual([
      { feed, key: 'entity-1', count: 2, since: since.toISOString(), destination: null },
    ]);
  });

  it('says so when no key is parked', async () => {
    expect((await run('parked', 'list')).stderr).toContain('No key is parked.');
  });

  it('releases a key in order without a daemon, and writes it down', async () => {
    await park(good(1), good(2));
    const { code, stdout } = await run('parked', 'release', feed, 'entity-1', '--reason', 'mended');
    expect([code, stdout]).toEqual([0, 'fenergo/journey  2 events published; the key entity-1 is released\n']);
    const ids: string[] = [];
    for await (const { line } of readLog(folder.path('events'), 'fenergo.journey')) {
      ids.push((JSON.parse(line) as { readonly id: string }).id);
    }
    expect(ids).toEqual([maker.idOf(1), maker.idOf(2)]);
    expect((await run('parked', 'list')).stderr).toContain('No key is parked.');
    await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
    expect(await state.audit.list(1)).toMatchObject([
      { action: 'release', feed, reason: 'mended', detail: { key: 'entity-1' } },
    ]);
  });

  it('stops at a record that is refused again, and says where', async () => {
    await park(good(1), '{"id":""}', good(3));
    const { code, stdout, stderr } = await run('parked', 'release', feed, 'entity-1', '--reason', 'mended', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ released: 1, outcome: 'refused', refused: { id: '1'.repeat(32) } });
    expect(stderr).toBe('');
    const { stdout: rest } = await run('parked', 'list', '--json');
    expect(JSON.parse(rest)).toMatchObject([{ key: 'entity-1', count: 2 }]);
  });

  it('knows no key that is not parked', async () => {
    const { code, stderr } = await run('parked', 'release', feed, 'x', '--reason', 'r');
    expect(code).toBe(1);
    expect(stderr).toContain('NOT_FOUND');
  });
});
