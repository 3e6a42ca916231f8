import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { seenOn } from '../support/fake-terminal.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'demo/main.ts');
const limitMs = 60_000;
const hasScript = spawnSync('script', ['--version']).status === 0;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feedferry-demo-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Starts a command whose temporary files all go to the folder of these tests. */
function start(command: string, args: readonly string[]) {
  const env = { ...process.env, TMPDIR: folder, TERM: 'xterm', NO_COLOR: undefined, FORCE_COLOR: undefined };
  const child = spawn(command, args, { cwd: root, env, stdio: 'pipe', timeout: limitMs });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return { child, output: () => output, closed: once(child, 'close') };
}

/** What is the same in every run: numbers are not. */
function shape(line: string): string {
  return line
    .replaceAll(/\d[\d,]*/g, 'N')
    .replaceAll('batches', 'batch')
    .replaceAll(/ +/g, ' ')
    .trim();
}

describe('npm run demo', () => {
  it(
    'without a terminal: ends by itself as promised, looks as the README says, and leaves nothing behind',
    async () => {
      const demo = start(process.execPath, [program]);
      const [code] = await demo.closed;
      const lines = demo.output().split('\n');
      expect(demo.output()).toMatch(/^events sent ([\d,]+) · published \1 · completed \1 · doubled \d+ · lost 0$/m);
      expect(demo.output()).toContain('6 batches published to nobody, completes sent meanwhile: 0');
      expect(demo.output()).toMatch(/kill -9 of the bridge, with [1-6] batch/);
      expect(demo.output()).not.toContain('\x1b');
      expect(code, demo.output()).toBe(0);
      expect(await readdir(folder)).toEqual([]);

      const [, shown = ''] = /^```text\n( 0 s.*?)\n```$/ms.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
      const promised = shown.split('\n').map(shape);
      expect(promised.length).toBeGreaterThan(10);
      expect(lines.slice(0, promised.length).map(shape)).toEqual(promised);
    },
    limitMs + 10_000,
  );

  it.skipIf(!hasScript)(
    'on a terminal: draws its display in place, and Ctrl-C cleans up [needs `script` of util-linux]',
    async () => {
      // Ctrl-C would throw away what is just being drawn.
      const command = `stty cols 80 rows 40 noflsh; exec '${process.execPath}' '${program}'`;
      const demo = start('script', ['-qfec', command, join(folder, 'typescript')]);
      const refusal = 'completes sent meanwhile: 0';
      await vi.waitFor(() => expect(demo.output()).toContain(refusal), { timeout: limitMs, interval: 100 });
      const meanwhile = seenOn(demo.output());
      expect(meanwhile.cursorVisible).toBe(false);
      expect(meanwhile.redraws).toBeGreaterThan(10);

      demo.child.stdin.write('\x03');
      const [code] = await demo.closed;
      const { lines, cursorVisible } = seenOn(demo.output().replaceAll('^C', ''));
      expect(cursorVisible).toBe(true);
      expect(lines.filter((line) => /^ {2}journey +█+░+ +\d+ +\d+ +\d+ +\d+$/.test(line))).toHaveLength(1);
      expect(lines.filter((line) => line.includes('A Fenergo platform'))).toHaveLength(1);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(80);
      expect(lines.at(-1)).toBe('The demo was stopped.');
      expect(code).toBe(130);
      expect((await readdir(folder)).filter((name) => name !== 'typescript')).toEqual([]);
    },
    limitMs + 10_000,
  );
});
