import type { Cell } from './cells.ts';
import type { Figures } from './figures.ts';
import type { Site } from './site.ts';

/** What a run says of a cell; it may throw at any moment, and what is known by then is written down. */
export type Measured = {
  -readonly [Key in Exclude<keyof Figures, 'line' | 'fault' | 'seed' | 'seconds' | 'untried'>]: Figures[Key];
};

/** Runs a line, does the fault to it, judges it. Rejects when a promise was broken. */
export type RunCell = (cell: Cell, site: Site, measured: Measured) => Promise<void>;
