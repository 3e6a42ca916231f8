import type { Finding } from './finding.ts';

/** What became of a reload. The names are those of pipelines, in the order of the file. */
export interface ReloadReport {
  /**
   * `unchanged`: the file says what it said. `refused`: nothing was applied. `failed`: all was applied but the pipelines
   * that `findings` name.
   */
  readonly outcome: 'applied' | 'unchanged' | 'refused' | 'failed';
  /** Why, when it was refused or has failed. */
  readonly findings: readonly Finding[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** They were not touched. */
  readonly kept: readonly string[];
}
