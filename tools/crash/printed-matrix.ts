import { faultNames } from '../../test/crash/laboratory/fault-names.ts';
import { matrixOf } from './matrix.ts';
import type { CrashResult } from './result.ts';

/** For a terminal. */
export function printedMatrix(result: CrashResult): string {
  const rows = [['', ...faultNames], ...matrixOf(result).map(({ line, outcomes }) => [line, ...outcomes])];
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0))) ?? [];
  const text = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '));
  return [...text.map((row) => row.trimEnd()), '', result.command].join('\n');
}
