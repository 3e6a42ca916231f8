import { appendFile } from 'node:fs/promises';

/** What a cell measured. */
export interface Figures {
  /** `poll > kafka` */
  readonly line: string;
  readonly fault: string;
  /** That it was run with. */
  readonly seed: number;
  /** Why this machine could not try it; absent: it was tried. */
  readonly untried?: string;
  /** What was done: `3 × kill -9 of the bridge`. */
  readonly what: string;
  /** False: see the test that failed. */
  readonly kept: boolean;
  /** That upstream handed out, for all feeds together. */
  readonly events: number;
  /** Null where it did not come to a verdict of none. */
  readonly lost: number | null;
  readonly reordered: number | null;
  /** Batches that were told complete too early. */
  readonly early: number | null;
  /** How often batches are at the broker once more. */
  readonly doubled: number;
  /** How often they may be; null: not known. */
  readonly doubledAtMost: number | null;
  /** Until the last feed flowed again, where the fault says so. */
  readonly flowingMs: number | null;
  readonly seconds: number;
}

/** For who asked for them: one line of JSON each. */
export async function noteFigures(figures: Figures): Promise<void> {
  const file = process.env['FEEDFERRY_CRASH_FIGURES'];
  if (file) await appendFile(file, `${JSON.stringify(figures)}\n`);
}
