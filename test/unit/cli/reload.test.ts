import { readFile, rename, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { type FakeHost, fakeHost, runHere } from './support.ts';

const patience = { timeout: 15_000, interval: 20 };

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

interface Run extends FakeHost {
  /** Messages of this event so far. */
  logged(event: string): readonly string[];
  end(): Promise<void>;
}

async function start(...args: readonly string[]): Promise<Run> {
  const fake = fakeHost(['run', '-c', folder.file, ...args]);
  const code = runProgram(fake.host);
  const logged = (event: string) =>
    fake
      .stdout()
      .toString()
      .split('\n')
      .filter((line) => line.includes(`"event":"${event}"`))
      .map((line) => (JSON.parse(line) as { msg: string }).msg);
  await vi.waitFor(() => expect(logged('daemon.started')).toHaveLength(1), patience);
  return {
    ...fake,
    logged,
    async end() {
      fake.signal('SIGTERM');
      expect(await code).toBe(0);
    },
  };
}

/** Renames the new file over the old one, as editors do. */
async function edit(change: (text: string) => string): Promise<void> {
  await writeFile(`${folder.file}~`, change(await readFile(folder.file, 'utf8')));
  await rename(`${folder.file}~`, folder.file);
}
const faster = () => edit((text) => text.replace('every: 1s', 'every: 2s'));
const misspelt = () => edit((text) => text.replace('feeds:', 'feedz:'));

const reload = () => runHere(['reload', '-c', folder.file]);

describe('reload', () => {
  it('applies what has changed, says so, and ends with 0; nothing to do is no failure', async () => {
    const run = await start();
    expect(await reload()).toMatchObject({ code: 0, stdout: 'the configuration is the same; nothing to do\n' });
    await faster();
    expect(await reload()).toMatchObject({ code: 0, stdout: 'changed: fenergo\n', stderr: '' });
    expect(run.logged('config.reloaded').at(-1)).toMatch(/^an operator: reloaded in \d+ ms: changed fenergo$/);
    await run.end();
  });

  it('says what is wrong with the file, and where, and ends with 1', async () => {
    const run = await start();
    await misspelt();
    const { code, stderr } = await reload();
    expect(code).toBe(1);
    expect(stderr).toMatch(/feedferry\.yaml:7:\d+ +CONFIG_UNKNOWN_KEY/);
    expect(run.logged('config.reloaded')).toEqual([]);
    await run.end();
  });

  it('says what the daemon refuses, and ends with 1', async () => {
    const run = await start();
    await edit((text) => text.replace('state: { dir: state }', 'state: { dir: state, keepRaw: 1d }'));
    const { code, stdout, stderr } = await reload();
    expect(code).toBe(1);
    expect(stdout).toBe('nothing was applied\n');
    expect(stderr).toMatch(/feedferry\.yaml:2:\d+ +CONFIG_NEEDS_RESTART {2}state has changed.*Restart the bridge/);
    expect(run.logged('config.refused')).toHaveLength(1);
    await run.end();
  });

  it('has nothing to do where no daemon runs, and says so', async () => {
    const { code, stderr } = await reload();
    expect(code).toBe(1);
    expect(stderr).toContain('NOT_RUNNING');
  });
});

describe('run', () => {
  it('reloads on SIGHUP; a file that is wrong changes nothing, and the log says where', async () => {
    const run = await start();
    await faster();
    run.hangUp();
    await vi.waitFor(() => expect(run.logged('config.reloaded')).toHaveLength(1), patience);
    expect(run.logged('config.reloaded')[0]).toMatch(/^SIGHUP: reloaded in \d+ ms: changed fenergo$/);
    await misspelt();
    run.hangUp();
    await vi.waitFor(() => expect(run.logged('config.refused')).toHaveLength(1), patience);
    expect(run.logged('config.refused')[0]).toMatch(
      /nothing has changed: .*feedferry\.yaml:7:\d+ {2}CONFIG_UNKNOWN_KEY/,
    );
    expect(run.logged('feed.started')).toHaveLength(4);
    await run.end();
  });

  it('with --watch reloads by itself when the file is another', async () => {
    const run = await start('--watch');
    await faster();
    await vi.waitFor(() => expect(run.logged('config.reloaded')).toHaveLength(1), patience);
    expect(run.logged('config.reloaded')[0]).toContain('feedferry.yaml has changed: reloaded in');
    await run.end();
  });
});
