import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isNewEnough } from '../../src/cli/node-version.ts';
import { type BridgeContainer, runBridge, writeConfiguration } from '../support/container/bridge-container.ts';
import { isInContext } from '../support/container/build-context.ts';
import { copiedFiles, instructionsOf, stagesOf } from '../support/container/dockerfile.ts';
import { docker, findBaseImage } from '../support/container/engine.ts';
import { mayBeSkipped } from '../support/may-be-skipped.ts';

const root = join(import.meta.dirname, '..', '..');
const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
const dockerignore = readFileSync(join(root, '.dockerignore'), 'utf8');
const stages = stagesOf(dockerfile);
const final = stages.at(-1)?.instructions ?? [];
const settings = (name: string) => final.filter((one) => one.name === name).map(({ rest }) => rest);
const [, defaultBase = ''] = /^ARG BASE_IMAGE=(\S+)$/m.exec(dockerfile) ?? [];

describe('the Dockerfile', () => {
  test('builds on a Node.js that is new enough', () => {
    const [, major] = /\/node:(\d+)/.exec(defaultBase) ?? [];
    expect(isNewEnough(`${major}.99.0`)).toBe(true);
    expect(stages.every(({ from }) => from.startsWith('$' + '{BASE_IMAGE}') || from === 'packages AS build')).toBe(
      true,
    );
  });

  test('runs built JavaScript as an unprivileged user, by its number, as Kubernetes wants it', () => {
    expect(settings('USER')).toEqual(['65532:65532']);
    const [entryPoint] = settings('ENTRYPOINT').map((text) => JSON.parse(text));
    expect(entryPoint).toEqual(['node', ...new Array(3).fill(expect.any(String)), '/app/dist/src/main.js']);
    expect(settings('CMD').map((text) => JSON.parse(text))).toEqual([['run', '-c', '/etc/feedferry/feedferry.yaml']]);
    expect(settings('VOLUME')).toEqual(['/data']);
    const user = final.findIndex(({ name }) => name === 'USER');
    expect(final.slice(user).filter(({ name }) => name === 'RUN' || name === 'COPY')).toEqual([]);
  });

  test('asks for health without a shell', () => {
    const [, check = ''] = /^(?:--\S+ )+CMD (\[.*\])$/.exec(settings('HEALTHCHECK')[0] ?? '') ?? [];
    expect(JSON.parse(check)).toEqual(['node', '/app/dist/src/main.js', 'probe']);
  });

  test('copies only files that are there and that the builder is given', () => {
    const copied = stages.flatMap(copiedFiles);
    expect(copied.length).toBeGreaterThan(5);
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(copied.filter((path) => !isInContext(dockerignore, path))).toEqual([]);
  });

  test.each([
    ...[
      '.git/config',
      '.env',
      'feedferry.yaml',
      'data/state.db',
      'config/fenergo.yaml',
      'node_modules/zod/package.json',
    ],
    ...['test/unit/cli/check.test.ts', 'connectors/fenergo/fenergo.test.ts', 'connectors/fenergo/fixtures/read.ts'],
  ])('gives the builder no %s', (path) => {
    expect(isInContext(dockerignore, path)).toBe(false);
  });

  test('leaves no secret and no tool in the image', () => {
    const named = instructionsOf(dockerfile).filter(({ name }) => name === 'ARG' || name === 'ENV');
    expect(named.map(({ rest }) => rest.split('=')[0])).toEqual(['BASE_IMAGE', 'NODE_ENV', 'MALLOC_ARENA_MAX']);
    expect(instructionsOf(dockerfile).filter(({ name }) => name === 'ADD')).toEqual([]);
    const modules = settings('COPY').filter((rest) => rest.includes('node_modules'));
    expect(modules).toEqual(['--from=packages /app/node_modules node_modules']);
    const installs = stages[0]?.instructions.filter(({ name }) => name === 'RUN').map(({ rest }) => rest);
    expect(installs).toEqual([expect.stringContaining('--omit=dev')]);
  });
});

const base = await findBaseImage(defaultBase);
const missing = 'missing' in base ? base.missing : undefined;
if (missing) console.warn(`The image is not built, and nothing is said about how it runs: ${missing}.`);

/** More than it can carry before it is told to stop. */
const events = 50_000;
const configuration = `version: 1
state: { dir: /data/state }
brokers: { out: { type: log, dir: /data/events } }
pipelines:
  fenergo:
    from: { connector: fenergo, baseUrl: "http://127.0.0.1:8099", feeds: all, schedule: { every: 1s } }
    to: { broker: out }
`;
const soon = { timeout: 60_000, interval: 500 };
const options = { ...mayBeSkipped(missing ?? ''), timeout: 90_000 };

describe.skipIf(missing !== undefined)(`the image${missing ? ` [skipped: ${missing}]` : ''}`, options, () => {
  const image = `feedferry-test:${randomUUID()}`;
  const volume = `feedferry-test-${randomUUID()}`;
  const baseName = 'name' in base ? base.name : '';
  const all = new AsyncDisposableStack();
  let bridge: BridgeContainer;

  beforeAll(async () => {
    await docker('build', '--network=host', `--build-arg=BASE_IMAGE=${baseName}`, `--tag=${image}`, root);
    all.defer(async () => void (await docker('image', 'rm', image)));
    await docker('volume', 'create', volume);
    all.defer(async () => void (await docker('volume', 'rm', volume)));
    await writeConfiguration(image, volume, configuration);
    bridge = all.use(await runBridge(image, volume));
  }, 600_000);
  afterAll(() => all.disposeAsync());

  test('adds less than 60 MB to its base', async () => {
    const size = async (name: string) => Number(await docker('image', 'inspect', '--format={{.Size}}', name));
    const added = (await size(image)) - (await size(baseName));
    console.log(`the image adds ${(added / 1e6).toFixed(1)} MB to its base`);
    expect(added).toBeLessThan(60e6);
  });

  test('runs as nobody in particular, who can write to /data and nowhere else', async () => {
    expect(await bridge.exec('node', '--print', '[process.getuid(), process.getgid()].join()')).toBe('65532,65532');
    const write = (path: string) => bridge.exec('node', '--eval', `require('node:fs').writeFileSync('${path}', '')`);
    await expect(write('/app/x')).rejects.toThrow(/EROFS/);
    await expect(write('/tmp/x')).rejects.toThrow(/EROFS/);
    await write('/data/x');
  });

  test('holds no tool, test or source', async () => {
    const names = "require('node:fs').readdirSync('/app', { recursive: true }).filter((name) => !/d.ts$/.test(name))";
    const files = (await bridge.exec('node', '--print', `${names}.join('\\n')`)).split('\n');
    expect(files).toContain('dist/src/main.js');
    const unwanted = /^node_modules\/(typescript|vitest|kafkajs|@biomejs|node-linux[^/]*)$|^(src|test)|^dist.*test/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
  });

  test('becomes healthy with an upstream that is down, and says so', async () => {
    await vi.waitFor(async () => expect(await bridge.health()).toBe('healthy'), soon);
    expect(await bridge.feedferry('probe')).toMatch(/livez {2}ok$/);
  });

  test('ends at once on SIGTERM where nothing has to be finished, though nobody takes signals for process 1', async () => {
    const mute = "import { createServer } from 'node:net'; createServer(() => console.log('asked')).listen(8098);";
    const preload = `--import=data:text/javascript,${encodeURIComponent(mute)}`;
    const probe = [preload, '/app/dist/src/main.js', 'probe', '--url=http://127.0.0.1:8098/'];
    const id = await docker('run', '--detach', '--network=none', '--entrypoint=node', image, ...probe);
    all.defer(async () => void (await docker('rm', '--force', '--volumes', id)));
    await vi.waitFor(async () => expect(await docker('logs', id)).toBe('asked'), { timeout: 10_000, interval: 50 });
    await docker('kill', '--signal=TERM', id);
    expect(await docker('wait', id)).toBe('143');
  });

  test('finishes what is in flight on SIGTERM, and its ledger is in the volume', async () => {
    await bridge.startSimulator(`--events=${events}`);
    await vi.waitFor(async () => expect(await bridge.feedferry(...ledger)).toContain('fenergo/journey'), soon);
    expect(await bridge.stop()).toBe(0);
    const log = await bridge.log();
    expect(JSON.parse(log.split('\n').at(-1) ?? '')).toMatchObject({ event: 'daemon.stopped', drained: true });

    await using second = await runBridge(image, volume);
    await vi.waitFor(async () => expect(await second.log()).toContain('daemon.started'), soon);
    const batches = JSON.parse(await second.feedferry(...ledger, '--json'));
    expect(batches.length).toBeGreaterThan(0);
    expect(await second.stop()).toBe(0);
  });
});

const ledger = ['ledger', '-c', '/data/feedferry.yaml'];
