import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../../src/cli/program.ts';
import { type CommandFolder, openCommandFolder } from '../../support/cli/command-folder.ts';
import { fakeHost } from './support.ts';

let folder: CommandFolder;
beforeEach(async () => {
  folder = await openCommandFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function start(...args: readonly string[]) {
  const fake = fakeHost(['run', '-c', folder.file, ...args]);
  const code = runProgram(fake.host);
  await vi.waitFor(() => expect(fake.stdout().toString()).toContain('"daemon.started"'), { timeout: 15_000 });
  return { ...fake, code };
}

describe('run', () => {
  it('ends with 0 once it has drained after a signal', async () => {
    const { signal, code, exits } = await start();
    signal('SIGTERM');
    signal('SIGTERM');
    expect(await code).toBe(0);
    expect(exits).toEqual([]);
  });

  it('logs a bug and ends the process at once, with nothing acknowledged', async () => {
    const { signal, crash, code, exits, stdout } = await start();
    crash(new TypeError('x is undefined'));
    expect(exits).toEqual([1]);
    const line = stdout().toString().trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      level: 'fatal',
      event: 'daemon.failed',
      error: { code: 'INTERNAL', message: 'x is undefined' },
    });
    expect(line).not.toContain('run.test.ts');
    signal('SIGINT');
    await code;
  });

  it('ends with 130 on a second SIGINT', async () => {
    const { signal, code, exits } = await start();
    signal('SIGINT');
    signal('SIGINT');
    expect(exits).toEqual([130]);
    await code;
  });
});
