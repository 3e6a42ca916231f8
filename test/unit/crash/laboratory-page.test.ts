import { expect, test } from 'vitest';
import { matrixOf } from '../../../tools/crash/matrix.ts';
import { printedMatrix } from '../../../tools/crash/printed-matrix.ts';
import { type CrashResult, withRun } from '../../../tools/crash/result.ts';
import { crashPageOf } from '../../../tools/generate/crash-page.ts';
import { faultNames } from '../../crash/laboratory/fault-names.ts';

const figures = {
  line: 'poll > log',
  fault: 'bridge killed',
  seed: 1,
  what: '3 × kill -9 of the bridge',
  kept: true,
  events: 3_000,
  lost: 0,
  reordered: 0,
  early: 0,
  doubled: 5,
  doubledAtMost: 18,
  flowingMs: null,
  seconds: 9,
};
const result: CrashResult = {
  command: 'npm run test:crash -- --seed 1',
  cells: [
    figures,
    { ...figures, fault: 'bridge stopped', what: 'bridge stopped for 5 s', flowingMs: 63 },
    { ...figures, fault: 'clock jumps', what: '', kept: false, lost: null, reordered: null, early: null },
    { ...figures, fault: 'disk full', what: '', untried: 'no mounts here' },
  ],
};

function outcomesOf(line: string): Readonly<Record<string, string | undefined>> {
  const row = matrixOf(result).find((each) => each.line === line);
  return Object.fromEntries(faultNames.map((fault, at) => [fault, row?.outcomes[at]]));
}

test('a cell says that it was kept, broken, not run or not tried and why, or why it makes no sense', () => {
  expect(outcomesOf('poll > log')).toEqual({
    'bridge killed': 'kept',
    'bridge stopped': 'kept',
    'clock jumps': 'broken',
    'broker killed': 'no broker: the log is in the bridge',
    'broker frozen': 'no broker: the log is in the bridge',
    'network faults': 'no broker: the log is in the bridge',
    'disk full': 'not tried: no mounts here',
    'files damaged': 'not run',
  });
});

test('a line of which nothing was run is in the matrix all the same', () => {
  expect(new Set(Object.values(outcomesOf('poll, exactly-once > kafka')))).toEqual(new Set(['not run']));
});

test('the page has the command, the matrix, and the numbers of the verdict with the bound of doubles', () => {
  const page = crashPageOf(result).split('\n');
  expect(page).toContain(
    'Each row is of the last run that had it, whose seed it names; the last run: `npm run test:crash -- --seed 1`',
  );
  expect(page).toContain(
    '| poll > log | kept | kept | broken | no broker: the log is in the bridge | no broker: the log is in the bridge | no broker: the log is in the bridge | not tried: no mounts here | not run |',
  );
  expect(page).toContain('| poll > log | 3 × kill -9 of the bridge | 3000 | 0 | 0 | 0 | 5 (18) |  | 9 | 1 |');
  expect(page).toContain('| poll > log | bridge stopped for 5 s | 3000 | 0 | 0 | 0 | 5 (18) | 63 | 9 | 1 |');
});

test('a cell that was broken before it was judged has no zeros on the page, and one that was not tried has no figures', () => {
  const page = crashPageOf(result).split('\n');
  expect(page).toContain('| poll > log | clock jumps | 3000 | ? | ? | ? | 5 (18) |  | 9 | 1 |');
  expect(page.filter((line) => line.includes('| disk full |') && !line.startsWith('| line |'))).toEqual([]);
});

test('a terminal gets the matrix in columns, and the command', () => {
  const lines = printedMatrix(result).split('\n');
  const [header = '', first = ''] = lines;
  expect(header.indexOf('bridge stopped')).toBe(first.indexOf('kept', first.indexOf('kept') + 1));
  expect(lines.at(-1)).toBe('npm run test:crash -- --seed 1');
});

test('what is kept of a run takes the place of what was known of its cells, and leaves the others', () => {
  const again = { ...figures, seed: 2, doubled: 0 };
  const first = { ...figures, line: 'poll > kafka' };
  const kept = withRun(result, { command: 'again', cells: [first, again] });
  expect(kept.command).toBe('again');
  expect(kept.cells).toEqual([again, ...result.cells.slice(1), first]);
});

test('of a cell that is no more, nothing is kept', () => {
  const gone = { ...figures, line: 'poll > post office' };
  expect(withRun({ command: '', cells: [gone] }, { command: '', cells: [figures] }).cells).toEqual([figures]);
});
