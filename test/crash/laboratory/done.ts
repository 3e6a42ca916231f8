import type { Recovery } from '../../support/judge/recovery.ts';

/** What was done to a line, in words, and how long its feeds took to flow again. */
export interface Done {
  readonly what: string;
  readonly recoveries: readonly Recovery[];
}
