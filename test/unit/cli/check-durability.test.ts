import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JudgeDisk } from '../../../src/cli/judge-disk.ts';
import { runProgram } from '../../../src/cli/program.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { fakeHost, runHere } from './support.ts';

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const fleeting: JudgeDisk = async () => ({ notDurable: 'overlay' });
const check = (judgeDisk: JudgeDisk = fleeting) => runHere(['check', '-c', folder.file, '--offline'], { judgeDisk });

async function edit(change: (text: string) => string): Promise<void> {
  await writeFile(folder.file, change(await readFile(folder.file, 'utf8')));
}

/** At a broker elsewhere, unless told. */
const copying = (broker = 'bus') =>
  edit((text) => {
    const brokers = text.replace(
      'brokers: { out: { type: log, dir: events } }',
      'brokers: { out: { type: log, dir: events }, bus: { type: kafka, bootstrap: ["127.0.0.1:1"] } }',
    );
    return `${brokers}    deadLetters: { broker: ${broker}, topic: dead }\n`;
  });

describe('check, on a disk that goes with the container,', () => {
  it('refuses a pipeline without deadLetters, where state.dir stands', async () => {
    const { code, stdout, stderr } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /feedferry\.yaml:2:15 +STATE_NOT_DURABLE {2}.*state is on overlay: with the container, pipeline fenergo would lose its dead letters and the ledger, .* twice\. Mount a volume there, or set deadLetters in fenergo,/,
    );
    expect(stderr).toMatch(/^1 error,/m);
  });

  it('points at the pipeline where state.dir is left out', async () => {
    await edit((text) => text.replace('state: { dir: state }', ''));
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/feedferry\.yaml:6:3 +STATE_NOT_DURABLE/);
  });

  it('warns of repeats where every dead letter has a copy elsewhere', async () => {
    await copying();
    const { code, stdout } = await check();
    expect(code).toBe(0);
    expect(stdout).toMatch(/state +STATE_NOT_DURABLE {2}warning: it is on overlay: .*fenergo would lose the ledger/);
  });

  it('names what is spooled among what would be lost', async () => {
    await edit((text) => `${text}    ack: spool\n`);
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /STATE_NOT_DURABLE {2}.*pipeline fenergo would lose its dead letters and what is spooled, of which upstream was told that it is done\. Mount a volume there, or leave out `ack: spool` of fenergo and set deadLetters in fenergo,/,
    );
  });

  it('refuses a pipeline that is spooled, also where every dead letter has a copy elsewhere', async () => {
    await copying();
    await edit((text) => `${text}    ack: spool\n`);
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /STATE_NOT_DURABLE {2}.*pipeline fenergo would lose what is spooled, .*Mount a volume there, or leave out `ack: spool` of fenergo\.\n/,
    );
    expect(stdout).not.toContain('deadLetters in');
  });

  it('takes a log on such a disk for no copy', async () => {
    await copying('out');
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain('or set deadLetters in fenergo at a broker elsewhere');
  });

  it('takes a log on another disk for one', async () => {
    await copying('out');
    const events = resolve(folder.path('events'));
    const { code } = await check(async (dir) => (dir === events ? 'durable' : { notDurable: 'tmpfs' }));
    expect(code).toBe(0);
  });
});

it('check finds nothing wrong with a pipeline without deadLetters on a volume', async () => {
  const { code, stdout } = await check(async () => 'durable');
  expect(code).toBe(0);
  expect(stdout).toMatch(/state +ok {2}is on a durable file system/);
});

it('run warns of such a disk, and starts all the same', async () => {
  const { host, stdout, stderr, signal } = fakeHost(['run', '-c', folder.file], { judgeDisk: fleeting });
  const code = runProgram(host);
  await vi.waitFor(() => expect(stdout().toString()).toContain('"daemon.started"'), { timeout: 15_000 });
  expect(stderr()).toMatch(/feedferry\.yaml:2:15 +STATE_NOT_DURABLE {2}warning: .*would lose its dead letters/);
  signal('SIGTERM');
  expect(await code).toBe(0);
});
