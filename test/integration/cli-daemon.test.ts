import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bridge, startBridge } from '../support/bridge/start-bridge.ts';
import { type CommandFolder, openCommandFolder } from '../support/cli/command-folder.ts';
import { command, spawnCommand } from '../support/cli/spawn-command.ts';

const feed = 'fenergo/journey';
const soon = { timeout: 15_000, interval: 50 };

let resources: AsyncDisposableStack;
let folder: CommandFolder;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  folder = resources.use(await openCommandFolder());
});
afterEach(() => resources.disposeAsync());

async function start(): Promise<Bridge> {
  const bridge = resources.use(startBridge(folder.file));
  await bridge.logs(({ event }) => event === 'daemon.started');
  return bridge;
}

const run = (...args: readonly string[]) => command(...args, '-c', folder.file);

describe('a running daemon', () => {
  it('ends with 0 on SIGTERM, having finished what was in flight', async () => {
    folder.simulator.fill({ feed: 'journey', events: 500 });
    const bridge = await start();
    await bridge.logs(({ event }) => event === 'feed.started');
    expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
    expect(bridge.log().at(-1)).toMatchObject({ event: 'daemon.stopped', drained: true });
    expect(bridge.stderr()).not.toMatch(/Warning|Error|\.ts:/);
  });

  it('ends at once with 130 on a second SIGINT, with nothing lost', async () => {
    folder.simulator.fill({ feed: 'journey', events: 10 });
    folder.simulator.addFault({ call: 'complete', kind: 'hang', times: 'always' });
    const bridge = await start();
    await vi.waitFor(
      () => expect(folder.simulator.requests().some(({ call }) => call === 'complete')).toBe(true),
      soon,
    );
    process.kill(bridge.pid, 'SIGINT');
    await bridge.logs(({ event }) => event === 'daemon.draining');
    process.kill(bridge.pid, 'SIGINT');
    expect(await bridge.exited).toEqual({ code: 130, signal: null });
    expect(folder.simulator.stats().feeds.journey.completedEvents).toBe(0);
  });

  it('keeps a second one from starting on its state', async () => {
    const bridge = await start();
    const second = await run('run');
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`STATE_LOCKED {2}.* is held by process ${bridge.pid} `));
    expect(second.stderr).not.toContain('.ts:');
    expect((await bridge.sigterm()).code).toBe(0);
  });

  it('serves the commands of operators while it holds the state', async () => {
    const bridge = await start();
    const paused = await run('pause', feed, '--reason', 'maintenance');
    expect(paused).toMatchObject({ code: 0, stderr: '' });
    await bridge.logs(({ event, feed: name }) => event === 'feed.paused' && name === feed);

    folder.simulator.enqueue('journey', '{"batchId":"7","notifications":[{"id', '7');
    expect(await run('set-aside', feed, '--reason', 'truncated', '--yes')).toMatchObject({ code: 0 });
    const letters = await run('dead-letters', 'list', '--json');
    expect(JSON.parse(letters.stdout)).toMatchObject([{ code: 'BATCH_SET_ASIDE', batchId: '7' }]);

    folder.simulator.fill({ feed: 'journey', events: 20 });
    const saved = folder.path('saved.json');
    const discarded = await run('discard', feed, '--reason', 'test data', '--yes', '--save', saved);
    expect(discarded.stdout).toContain('discarded with one call');
    expect(folder.simulator.stats().feeds.journey.waiting).toBe(0);

    folder.simulator.fill({ feed: 'journey', events: 30 });
    expect(await run('resume', feed)).toMatchObject({ code: 0 });
    expect(await folder.simulator.drained(15_000)).toBe(true);
    await vi.waitFor(async () => {
      const ledger = JSON.parse((await run('ledger', '--json', '--feed', feed)).stdout) as { events: number }[];
      expect(ledger.reduce((sum, { events }) => sum + events, 0)).toBe(30);
    }, soon);
    expect(await run('resume', 'fenergo/screening')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('FEED_UNKNOWN'),
    });
    expect((await bridge.sigterm()).code).toBe(0);
  });

  it('keeps a feed paused across a restart', async () => {
    const first = await start();
    await run('pause', feed);
    await first.sigterm();
    folder.simulator.fill({ feed: 'journey', events: 5 });
    folder.simulator.fill({ feed: 'document', events: 5 });
    const second = await start();
    await vi.waitFor(() => expect(folder.simulator.stats().feeds.document.completedEvents).toBe(5), soon);
    expect(folder.simulator.requests('journey').filter(({ status }) => status === 200)).toEqual([]);
    const ready = await fetch(`http://127.0.0.1:${folder.health}/readyz/fenergo`);
    expect(ready.status).toBe(503);
    await second.sigterm();
  });

  it('is alive for the probe, and is not when it has gone', async () => {
    const url = `http://127.0.0.1:${folder.health}/livez`;
    const bridge = await start();
    expect(await command('probe', '--url', url)).toMatchObject({ code: 0, stderr: '' });
    await bridge.sigterm();
    expect(await command('probe', '--url', url)).toMatchObject({ code: 1, stdout: '' });
  });

  it('does not start with a configuration that has faults, and names all of them', async () => {
    await writeFile(
      folder.file,
      'version: 1\npipelines: { a: { from: { connector: fenergoo }, to: { broker: x } } }\n',
    );
    const { code, stdout, stderr } = await run('run');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/feedferry\.yaml:2:\d+ +CONFIG_UNKNOWN_CONNECTOR/);
    expect(stderr).toMatch(/\d errors?, 0 warnings/);
  });

  it('does not start on a port that is taken, and gives the state back', async () => {
    const squatter = createServer();
    const listening = Promise.withResolvers<void>();
    squatter.listen(folder.admin, '127.0.0.1', listening.resolve);
    await listening.promise;
    const { code, stderr } = await run('run');
    squatter.close();
    expect(code).toBe(1);
    expect(stderr).toContain('LISTEN_FAILED');
    expect(await run('ledger')).toMatchObject({ code: 0 });
  });
});

describe('a command', () => {
  it('does not mind that its reader has had enough', async () => {
    folder.simulator.fill({ feed: 'journey', events: 10 });
    const dry = resources.use(spawnCommand(['run', '--dry-run', '-c', folder.file]));
    dry.child.stdout.destroy();
    expect((await dry.ended).code).toBe(0);
  });
});

describe('the log at trace level', () => {
  it.each(['canary-good', 'canary-wrong'])('shows no secret when the token is %s', async (token) => {
    const secret = { auth: { kind: 'bearer', token: 'canary-good' } } as const;
    const guarded = resources.use(
      await openCommandFolder(secret, ', auth: { bearer: "${env:TOKEN}" }, headers: { x-key: "${env:KEY}" }'),
    );
    guarded.simulator.fill({ feed: 'journey', events: 20 });
    const env = { TOKEN: token, KEY: 'canary-header' };
    const bridge = resources.use(spawnCommand(['run', '--log-level', 'trace', '-c', guarded.file], env));
    const outcome = token === 'canary-good' ? '"batch.completed"' : 'AUTH_REFUSED';
    await vi.waitFor(() => expect(bridge.stdout()).toContain(outcome), soon);
    bridge.child.kill('SIGTERM');
    const { code, stdout, stderr } = await bridge.ended;
    expect(code).toBe(0);
    expect(`${stdout}${stderr}`).not.toContain('canary');
  });
});

describe('sim fenergo', () => {
  it('prints a configuration that works as it is, and ends with 0 on Ctrl-C', async () => {
    const sim = resources.use(spawnCommand(['sim', 'fenergo', '--port', '0', '--events', '7', '--token', 't0ken']));
    await vi.waitFor(() => expect(sim.stderr()).toContain('Ctrl-C'), soon);
    await writeFile(folder.file, sim.stdout());
    const dry = await run('run', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout.trim().split('\n')).toHaveLength(6 * 7);
    sim.child.kill('SIGINT');
    expect((await sim.ended).code).toBe(0);
  });
});
