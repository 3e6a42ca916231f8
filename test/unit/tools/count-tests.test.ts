import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const program = join(resolve(import.meta.dirname, '..', '..', '..'), 'tools', 'count-tests.ts');

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
}

/** Counts a report as vitest writes it; a text is one that it did not get to write to its end. */
async function count(report: object | string, ...steps: readonly string[]): Promise<Outcome> {
  const dir = await mkdtemp(join(tmpdir(), 'feedferry-count-'));
  try {
    const file = join(dir, 'report.json');
    await writeFile(file, typeof report === 'string' ? report : JSON.stringify(report));
    return await new Promise((done) => {
      execFile(process.execPath, [program, file, ...steps], (error, stdout) => {
        done({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split('\n') });
      });
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const one = (status: string, meta?: object) => ({ fullName: `a ${status} test`, status, ...(meta && { meta }) });
const file = (status: string, ...assertionResults: readonly object[]) => ({
  name: 'a.test.ts',
  status,
  assertionResults,
});

const good = {
  success: true,
  testResults: [file('passed', one('passed'), one('passed')), file('passed', one('passed'))],
};
const bad = { success: false, testResults: [file('failed', one('passed'), one('failed'), one('failed'))] };

test('what passed is counted, and nothing else is said', async () => {
  expect(await count(good)).toEqual({ code: 0, lines: ['3 passed, 0 failed'] });
});

test('what failed is counted, once', async () => {
  expect(await count(bad, 'tests')).toEqual({ code: 1, lines: ['1 passed, 2 failed'] });
});

test('a skipped test counts as failed', async () => {
  const report = { success: true, testResults: [file('passed', one('passed'), one('skipped'), one('todo'))] };
  const { code, lines } = await count(report);
  expect(code).toBe(1);
  expect(lines[0]).toBe('skipped, counts as failed: a skipped test');
  expect(lines.at(-1)).toBe('1 passed, 2 failed');
});

test('a skipped test that says why it may be is shown, and does not', async () => {
  const excused = one('skipped', { mayBeSkipped: 'no such device' });
  const { code, lines } = await count({ success: true, testResults: [file('passed', one('passed'), excused)] });
  expect({ code, lines }).toEqual({
    code: 0,
    lines: ['skipped, may be: no such device: a skipped test', '1 passed, 0 failed'],
  });
});

test('no excuse makes a failed test a passed one', async () => {
  const report = { success: false, testResults: [file('failed', one('failed', { mayBeSkipped: 'never mind' }))] };
  expect((await count(report)).lines).toEqual(['0 passed, 1 failed']);
});

test('a file that cannot be loaded counts as one', async () => {
  const excused = one('skipped', { mayBeSkipped: 'no such device' });
  const report = {
    success: false,
    testResults: [file('failed'), file('failed', excused), file('passed', one('passed'))],
  };
  expect((await count(report)).lines.at(-1)).toBe('1 passed, 2 failed');
});

test('an error outside of all tests counts as one', async () => {
  expect(await count({ ...good, success: false })).toMatchObject({ code: 1, lines: ['3 passed, 1 failed'] });
});

test.each(['', '{"testResults":[', { success: true, testResults: [] }])(
  'a report such as %j counts as one',
  async (report) => {
    const { code, lines } = await count(report, 'tests');
    expect(code).toBe(1);
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
  },
);

test('steps that failed are named and counted', async () => {
  const { code, lines } = await count(good, 'lint', 'types');
  expect({ code, lines }).toEqual({ code: 1, lines: ['failed: lint', 'failed: types', '3 passed, 2 failed'] });
});
