import { appendFile } from 'node:fs/promises';

/** What a cell measured. */
export interface Figures {
  /** `poll > kafka` */
  readonly line: string;
  readonly fault: string;
  /** What was done: `3 × kill -9 of the bridge`. */
  readonly what: string;
  /** False: see the test that failed. */
  readonly kept: boolean;
  /** That upstream handed out, for all feeds together. */
  readonly events: number;
  /** Batches that are at the broker more than once. */
  readonly doubled: number;
  /** Until the last feed flowed again, where the fault says so. */
  readonly flowingMs: number | null;
  readonly seconds: number;
}

/** For who asked for them: one line of JSON each. */
export async function noteFigures(figures: Figures): Promise<void> {
  const file = process.env['FEEDFERRY_CRASH_FIGURES'];
  if (file) await appendFile(file, `${JSON.stringify(figures)}\n`);
}
