import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type InstalledPackage, installPackage, userEnvironment } from '../support/package/pack.ts';
import { readPlainly } from './log-sink/plain-reader.ts';

const run = promisify(execFile);
const soon = { timeout: 30_000, interval: 100 };
/** The simulator's feeds, and what each has to give. */
const [feeds, events] = [6, 40];

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
}, 180_000);
afterAll(() => installed?.[Symbol.asyncDispose]());

const inPackage = (...path: readonly string[]) => join(installed.dir, 'node_modules', 'feedferry', ...path);
const inPlace = () => ({ cwd: installed.dir, env: userEnvironment() });

/** Starts a command of the package. Disposing of it kills it where it still runs. */
function start(...args: readonly string[]) {
  const child = spawn(join(installed.dir, 'node_modules', '.bin', 'feedferry'), args, inPlace());
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output.err += chunk;
  });
  const ended = once(child, 'close');
  return {
    output,
    async end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal);
      await ended;
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      await this.end('SIGKILL');
    },
  };
}

describe('the package, installed in an empty directory', () => {
  test('holds what runs and what it is configured with, and no source, test or fixture', async () => {
    const entries = await readdir(inPackage(), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const others = files
      .map((file) => file.slice(inPackage().length + 1))
      .filter((file) => !/^dist\/.*\.js$/.test(file));
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
    expect(others.filter((file) => !/^config\/[a-z0-9-]+\.(yaml|schema\.json)$/.test(file)).sort()).toEqual(documents);
    expect(files.filter((file) => /\.test\.|\/fixtures\/|\/test\//.test(file))).toEqual([]);
    expect(others).toContain('config/feedferry.schema.json');
  });

  test('brings neither a Node.js of its own nor what only its development needs', async () => {
    const packages = await readdir(join(installed.dir, 'node_modules'), { recursive: true });
    // A package may have a folder of such a name among its own.
    const unwanted =
      /^(.*\/node_modules\/)?(node-(linux|darwin|win|bin)[^/]*|typescript|vitest|testcontainers|fast-check|@biomejs)$/;
    expect(packages.filter((name) => unwanted.test(name))).toEqual([]);
  });

  test('explains itself', async () => {
    const { stdout, stderr } = await run('npx', ['--no', '--', 'feedferry', '--help'], inPlace());
    expect(stdout).toMatch(/^Usage: feedferry /);
    expect(stdout).toMatch(/\$ feedferry run -c/);
    expect(stderr).not.toMatch(/feedferry|node:/);
  });

  test('prints the schema that is in the package', async () => {
    const { stdout } = await run('npx', ['--no', '--', 'feedferry', 'schema'], inPlace());
    expect(JSON.parse(stdout)).toEqual(
      JSON.parse(await readFile(inPackage('config', 'feedferry.schema.json'), 'utf8')),
    );
  });

  test('carries what its own simulator has into the log, with the configuration which that prints', {
    timeout: 90_000,
  }, async () => {
    await using simulator = start('sim', 'fenergo', '--port=0', `--events=${events}`);
    await vi.waitFor(() => expect(simulator.output.err).toContain('Ctrl-C ends it'), soon);
    const anyPort = 'listen: { health: "127.0.0.1:0", admin: "127.0.0.1:0" }';
    await writeFile(join(installed.dir, 'feedferry.yaml'), `${simulator.output.out}${anyPort}\n`);

    await using bridge = start('run');
    const log = join(installed.dir, 'feedferry-events');
    await vi.waitFor(() => expect(readPlainly(log), bridge.output.err).toHaveLength(feeds * events), soon);
    expect(await bridge.end('SIGTERM')).toBe(0);
    expect(bridge.output.err).not.toMatch(/Warning|Error|node:/);
    const arrived = readPlainly(log).map(({ bytes }) => JSON.parse(bytes.toString()));
    expect(new Set(arrived.map(({ id }) => id)).size).toBe(feeds * events);
    expect(await simulator.end('SIGINT')).toBe(0);
  });

  test('says which Node.js it needs on one that is too old, and nothing else', async () => {
    const old = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '22.19.0' } });";
    const args = ['--import', `data:text/javascript,${encodeURIComponent(old)}`, inPackage('dist', 'src', 'main.js')];
    const failure = await run(process.execPath, [...args, '--help'], inPlace()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stdout: '' });
    expect(failure).toMatchObject({ stderr: expect.stringMatching(/^feedferry needs Node\.js 24\.17 or newer.*\n$/) });
  });

  test('loads nothing that an old Node.js cannot parse before it has looked at the version', async () => {
    const main = await readFile(inPackage('dist', 'src', 'main.js'), 'utf8');
    const imported = [...main.matchAll(/^import .* from '(.*)';$/gm)].map(([, path]) => path);
    expect(imported.filter((path) => !path?.startsWith('node:'))).toEqual(['./cli/node-version.js']);
    const version = await readFile(inPackage('dist', 'src', 'cli', 'node-version.js'), 'utf8');
    expect(version).not.toMatch(/^import /m);
    expect(main + version).not.toMatch(/\busing\b/);
  });
});
