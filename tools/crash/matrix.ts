import { cells, faultNames, nameOf } from '../../test/crash/laboratory/cells.ts';
import type { CrashResult } from './result.ts';

export interface MatrixRow {
  readonly line: string;
  /** One for each of `faultNames`: `kept`, `broken` or `not run`. */
  readonly outcomes: readonly string[];
}

/** Each line of the laboratory, and what came of each fault. */
export function matrixOf({ cells: measured }: CrashResult): readonly MatrixRow[] {
  return [...new Set(cells.map(({ line }) => nameOf(line)))].map((line) => ({
    line,
    outcomes: faultNames.map((fault) => {
      const found = measured.find((figures) => figures.line === line && figures.fault === fault);
      if (!found) return 'not run';
      return found.kept ? 'kept' : 'broken';
    }),
  }));
}
