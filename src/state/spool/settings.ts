import type { SpoolReport } from '../../core/spool.ts';

export interface SpoolSettings {
  /** Most bytes of all records that are not settled, with what the file needs around them. */
  readonly maxBytes: number;
  /** A feed whose oldest unsettled record is older is refused more. Absent: no such bound. */
  readonly maxAgeMs?: number;
}

export interface SpoolOptions extends SpoolSettings {
  /** The spool's own folder; created when it is missing. */
  readonly dir: string;
  /** Hears of damage as it is found. */
  readonly onReport?: (report: SpoolReport) => void;
  /** What is remembered of accepted records. Default: `spoolMemory`. */
  readonly memory?: typeof spoolMemory;
  /** How much of an opening may go into salvage. Default: `salvageBudgetMs`. */
  readonly salvageMs?: number;
}

export const spoolDefaults: SpoolSettings = { maxBytes: 1024 ** 3 };

/** How long the id of an accepted record is recognised, and how many of a feed at most: whichever ends first. */
export const spoolMemory = { ms: 7 * 86_400_000, ids: 1_000_000 };

/** When to try again while the spool is full. */
export const fullRetryMs = 5_000;

/** The file may be so much larger than `maxBytes`, and by this for each id that is remembered; then it is full too. */
export const fileBound = { factor: 1.25, bytesPerId: 100 };

/** Of the disk, what records leave free, so that they can be released where they have filled it. */
export const diskReserve = 4 * 1024 ** 2;

/** Where the disk has less left, nothing is left in the WAL: moving it over could want room that is gone by then. */
export const scarceDisk = 48 * 1024 ** 2;

/** Sequences that may be given out before the side file is fsynced again. */
export const sequenceBlock = 10_000;

/** How much of an opening may go into salvage; the rest is done in slices, while records are accepted already. */
export const salvageBudgetMs = 2_500;
export const salvageSliceMs = 100;

/** Damaged files that are kept. */
export const mostQuarantined = 3;
