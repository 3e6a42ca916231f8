/**
 * What the pipeline does about a failure. Nothing else decides this.
 * `retryable`: tried again with back-off, without end. `poison`: set aside as a dead letter, the rest flows.
 * `fatal`: the feed is halted, visibly, and probed again every few minutes; the others run on.
 */
export type Disposition = 'retryable' | 'poison' | 'fatal';

export interface CatalogueEntry {
  readonly disposition: Disposition;
  /** One sentence: what it means. */
  readonly summary: string;
  /** What an operator does about it. */
  readonly runbook: string;
}
