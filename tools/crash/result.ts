import { cells, nameOf } from '../../test/crash/laboratory/cells.ts';
import type { Figures } from '../../test/crash/laboratory/figures.ts';

/** Where the last figures are kept, below the root of the repository. */
export const crashResultFile = 'docs/crash-laboratory.json';

/** What the crash laboratory measured. A cell that did not run is not in it. */
export interface CrashResult {
  /** Of the last run that was kept. */
  readonly command: string;
  readonly cells: readonly Figures[];
}

/** What was kept, with the cells of a run in place of what was known of them, in the order of the matrix. */
export function withRun(kept: CrashResult, run: CrashResult): CrashResult {
  const last = (line: string, fault: string) => {
    const isIt = (figures: Figures) => figures.line === line && figures.fault === fault;
    return run.cells.find(isIt) ?? kept.cells.find(isIt);
  };
  return { command: run.command, cells: cells.flatMap(({ line, fault }) => last(nameOf(line), fault) ?? []) };
}
