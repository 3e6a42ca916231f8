import type { Figures } from '../../test/crash/laboratory/figures.ts';

/** Where the last whole run is kept, below the root of the repository. */
export const crashResultFile = 'docs/crash-laboratory.json';

/** What a run of the crash laboratory measured. A cell that did not run is not in it. */
export interface CrashResult {
  /** That repeats it. */
  readonly command: string;
  readonly cells: readonly Figures[];
}
