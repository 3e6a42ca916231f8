import { cells, nameOf } from '../../test/crash/laboratory/cells.ts';
import { faultNames } from '../../test/crash/laboratory/fault-names.ts';
import type { CrashResult } from './result.ts';

export interface MatrixRow {
  readonly line: string;
  /** One for each of `faultNames`: `kept`, `broken`, `not run`, `not tried: why`, or why there is nothing to try. */
  readonly outcomes: readonly string[];
}

/** Each line of the laboratory, and what came of each fault. */
export function matrixOf({ cells: measured }: CrashResult): readonly MatrixRow[] {
  const byLine = Map.groupBy(cells, ({ line }) => nameOf(line));
  return Array.from(byLine, ([line, all]) => ({
    line,
    outcomes: faultNames.map((fault) => {
      const senseless = all.find((cell) => cell.fault === fault)?.senseless;
      if (senseless !== undefined) return senseless;
      const found = measured.find((figures) => figures.line === line && figures.fault === fault);
      if (!found) return 'not run';
      if (found.untried !== undefined) return `not tried: ${found.untried}`;
      return found.kept ? 'kept' : 'broken';
    }),
  }));
}
