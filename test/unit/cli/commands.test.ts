import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openState } from '../../../src/state/open.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { type HostOptions, runHere } from './support.ts';

const feed = 'fenergo/journey';

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const run = (args: readonly string[], options?: HostOptions) => runHere([...args, '-c', folder.file], options);
const waiting = () =>
  folder.simulator.stats().feeds.journey.waiting + (folder.simulator.stats().feeds.journey.openBatchId ? 1 : 0);

async function withState<T>(work: (state: Awaited<ReturnType<typeof openState>>) => Promise<T>): Promise<T> {
  await using state = await openState({ dir: folder.path('state'), mode: 'exclusive' });
  return await work(state);
}

describe('discard', () => {
  it('refuses without --yes where nobody can be asked', async () => {
    folder.simulator.fill({ feed: 'journey', events: 30 });
    const { code, stderr } = await run(['discard', feed, '--reason', 'r']);
    expect(code).toBe(2);
    expect(stderr).toContain('fenergo/journey  USAGE  ');
    expect(stderr).toContain('--yes');
    expect(folder.simulator.requests()).toEqual([]);
  });

  it.each(['no\n', '\n', '', 'y\n'])('does nothing when the answer on the terminal is %j', async (typed) => {
    folder.simulator.fill({ feed: 'journey', events: 30 });
    const { code } = await run(['discard', feed, '--reason', 'r'], { terminal: true, typed });
    expect(code).toBe(1);
    expect(folder.simulator.requests()).toEqual([]);
  });

  it('drops what waits once somebody has typed yes, and tells the proof', async () => {
    folder.simulator.fill({ feed: 'journey', events: 30 });
    const { code, stdout } = await run(['discard', feed, '--reason', 'r'], { terminal: true, typed: 'yes\n' });
    expect(code).toBe(0);
    expect(stdout).toContain('fenergo/journey  discarded with one call; proof: upstream says that nothing waits');
    expect(waiting()).toBe(0);
  });

  it('first saves the open batch as upstream gave it, and leaves the feed as it was', async () => {
    folder.simulator.enqueue('journey', '{"batchId":"7","notifications":[],"extra":1.0}', '7');
    const saved = folder.path('open.json');
    const { code, stdout } = await run(['discard', feed, '--reason', 'r', '--yes', '--save', saved]);
    expect(code).toBe(0);
    expect(await readFile(saved, 'utf8')).toBe('{"batchId":"7","notifications":[],"extra":1.0}');
    expect((await stat(saved)).mode & 0o777).toBe(0o600);
    expect(stdout).toContain('batch 7 saved to');
    await withState(async (state) => {
      expect(await state.pauses.list()).toEqual([]);
      expect((await state.audit.list(10)).map(({ action }) => action)).toEqual([
        'resume',
        'discard',
        'discard',
        'pause',
      ]);
    });
  });

  it('discards nothing when the file to save to exists', async () => {
    folder.simulator.fill({ feed: 'journey', events: 30 });
    const { code, stderr } = await run(['discard', feed, '--reason', 'r', '--yes', '--save', folder.file]);
    expect(code).toBe(2);
    expect(stderr).toContain('Nothing was discarded');
    expect(waiting()).toBeGreaterThan(0);
    expect(await withState((state) => state.pauses.list())).toEqual([]);
  });

  it('names the feeds there are', async () => {
    const { code, stderr } = await run(['discard', 'fenergo/Journey', '--reason', 'r', '--yes']);
    expect(code).toBe(1);
    expect(stderr).toBe(
      'fenergo/Journey  FEED_UNKNOWN  there is no feed "fenergo/Journey". There are: fenergo/journey, fenergo/document.\n',
    );
  });
});

describe('set-aside and dead-letters', () => {
  it('keep a batch, list it, show it, and give its bytes back unchanged', async () => {
    const body = '{"batchId":"7","notifications":[{"id":"\u00e4"';
    folder.simulator.enqueue('journey', body, '7');
    const aside = await run(['set-aside', feed, '--reason', 'truncated since Monday', '--yes']);
    expect(aside.code).toBe(0);
    const id = /dead-letters show (\w+)/.exec(aside.stdout)?.[1] ?? '';

    const list = await run(['dead-letters', 'list']);
    expect(list.stdout.split('\n')[0]).toMatch(/^ID +STATUS +FEED +CODE +BATCH +INDEX +LAST +REASON$/);
    expect(list.stdout).toContain(`${id.slice(0, 12)}  open    fenergo/journey  BATCH_SET_ASIDE  7`);
    const json = JSON.parse((await run(['dead-letters', 'list', '--json', '--code', 'BATCH_SET_ASIDE'])).stdout);
    expect(json).toMatchObject([{ id, feed, record: { bytes: Buffer.from(body).toString('base64') } }]);
    expect((await run(['dead-letters', 'list', '--feed', 'fenergo/document'])).stdout).toBe('');

    const shown = await run(['dead-letters', 'show', id.slice(0, 6)]);
    expect(shown.stdout).toContain('reason      truncated since Monday');
    expect(shown.stdout).toContain(body);
    const raw = await run(['dead-letters', 'show', id, '--raw']);
    expect(raw.bytes.equals(Buffer.from(body))).toBe(true);
  });

  it('show bytes that are no text as hex, and give them back unchanged', async () => {
    const body = Buffer.concat([Buffer.from('{"batchId":"7",'), Buffer.from([0xff, 0x1b, 0x00, 0x41])]);
    folder.simulator.enqueue('journey', body, '7');
    await run(['set-aside', feed, '--reason', 'r', '--yes']);
    const [letter] = await withState((state) => state.deadLetters.list({ limit: 1 }));
    const shown = await run(['dead-letters', 'show', letter?.id ?? '']);
    expect(shown.stdout).toContain('not UTF-8: as hex');
    expect(shown.stdout).toContain('ff');
    expect(shown.stdout).not.toContain('\u001b');
    expect((await run(['dead-letters', 'show', letter?.id ?? '', '--raw'])).bytes.equals(body)).toBe(true);
  });

  it('say that there is none of this id', async () => {
    const { code, stderr } = await run(['dead-letters', 'show', '0123456789']);
    expect(code).toBe(1);
    expect(stderr).toContain('NOT_FOUND');
  });
});

describe('ledger and cursor', () => {
  it('list what the state has, for people and for programs', async () => {
    const setAt = expect.stringMatching(/^\d{4}-/);
    await withState(async (state) => {
      const key = { feed, batchId: '7', digest: 'd' } as const;
      await state.ledger.enter({
        ...key,
        events: 10,
        whereabouts: 'fenergo.journey/0 @ 881-890',
        publishedAt: new Date(0),
      });
      await state.cursors.set('tickets/all', 'a\u001bb');
    });
    const ledger = await run(['ledger']);
    expect(ledger.stdout.split('\n')[1]).toBe(
      'fenergo/journey  7      10      1970-01-01T00:00:00Z  open       fenergo.journey/0 @ 881-890',
    );
    expect(JSON.parse((await run(['ledger', '--json'])).stdout)).toMatchObject([{ batchId: '7', completedAt: null }]);
    expect((await run(['cursor', 'show'])).stdout).toContain('a\\x1bb');
    expect(JSON.parse((await run(['cursor', 'show', '--json'])).stdout)).toEqual([
      { feed: 'tickets/all', position: 'a\u001bb', setAt },
    ]);
  });

  it('say that they are empty', async () => {
    expect(await run(['ledger'])).toMatchObject({ code: 0, stdout: '', stderr: 'The ledger is empty.\n' });
    expect(await run(['ledger', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });
    expect(await run(['cursor', 'show'])).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('run --dry-run', () => {
  it('prints the events of one batch per feed, and acknowledges nothing', async () => {
    folder.simulator.fill({ feed: 'journey', events: 20 });
    folder.simulator.enqueue('document', '{"batchId":"8","notifications":[{"eventType":"x"}]}', '8');
    const { code, stdout, stderr } = await run(['run', '--dry-run']);
    expect(code).toBe(0);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events).toHaveLength(10);
    expect(events[0]).toMatchObject({ specversion: '1.0', partitionkey: 'journey' });
    expect(stderr).toContain('fenergo/document  RECORD_WITHOUT_ID');
    expect(stderr).toContain('fenergo/document  batch 8: 0 events, 0 filtered, 1 would be dead letters');
    expect(folder.simulator.requests().every(({ call }) => call === 'next')).toBe(true);
    await expect(stat(folder.path('state'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('says how many events each of several destinations would get, and leaves out what nobody wants', async () => {
    folder.simulator.fill({ feed: 'journey', events: 20 });
    const text = await readFile(folder.file, 'utf8');
    const when = 'type = "com.fenergo.journey.taskcompleted"';
    const to = `[{ broker: out, when: '${when}' }, { broker: out, topic: x, when: /data/absent }]`;
    await writeFile(folder.file, text.replace('to: { broker: out }', `to: ${to}`));
    const { code, stdout, stderr } = await run(['run', '--dry-run']);
    expect(code).toBe(0);
    const types = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(types)).toEqual(new Set(['com.fenergo.journey.taskcompleted']));
    const { length } = types;
    expect(stderr).toContain(
      `${length} events (out (to[0]) ${length}, out (to[1]) 0), ${10 - length} filtered, 0 would be dead letters`,
    );
    await writeFile(folder.file, text);
  });

  it('fails when a feed cannot be read, and still shows the others', async () => {
    folder.simulator.fill({ feed: 'journey', events: 5 });
    folder.simulator.addFault({ feed: 'document', kind: 'status', status: 403 });
    const { code, stdout, stderr } = await run(['run', '--dry-run']);
    expect(code).toBe(1);
    expect(stdout.trim().split('\n')).toHaveLength(5);
    expect(stderr).toContain('fenergo/document  AUTH_REFUSED');
  });
});

describe('a command whose state is held', () => {
  it('says by whom, when no daemon answers', async () => {
    await withState(async () => {
      const { code, stderr } = await run(['ledger']);
      expect(code).toBe(1);
      expect(stderr).toContain(`is held by process ${process.pid} `);
      expect(stderr).toContain(`ADMIN_UNREACHABLE`);
    });
  });
});
