import type { ArchiveUse, BatchReceipt, BatchTally, Page, PageQuery, RawBatch } from '../../core/archive.ts';
import type { FeedName } from '../../core/batch.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { NewRaw } from './raw-batch.ts';
import type { Completion, NewReceipt } from './receipt-rows.ts';

/** What the thread of the archive is given when it starts. */
export interface ArchiveSettings {
  /** Of the state, absolute. */
  readonly dir: string;
  readonly receipts: Bounds;
  /** Undefined: none are kept; what there is stays readable. */
  readonly raw: Bounds | undefined;
}

/** The oldest go first beyond either. */
export interface Bounds {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
}

/** What has come together since the last time, in order. */
export interface Group {
  readonly receipts: readonly NewReceipt[];
  readonly completions: readonly Completion[];
  readonly raw: readonly NewRaw[];
}

export type Question =
  | { readonly ask: 'trace'; readonly text: string; readonly limit: number }
  | { readonly ask: 'receipts'; readonly query: PageQuery }
  | { readonly ask: 'tally'; readonly feed: FeedName; readonly batchIds: readonly string[] }
  | { readonly ask: 'raw'; readonly query: PageQuery }
  | { readonly ask: 'use' }
  | { readonly ask: 'prune'; readonly now: number }
  | { readonly ask: 'close' };

/** An answer to each question. */
export interface Answers {
  trace: readonly BatchReceipt[];
  receipts: Page<BatchReceipt>;
  tally: readonly BatchTally[];
  raw: Page<RawBatch>;
  use: { readonly receipts: Omit<ArchiveUse, 'dropped'>; readonly raw: Omit<ArchiveUse, 'dropped'> };
  prune: null;
  close: null;
}

export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

/** To the thread: something to be written, or to be answered. Each gets one reply, in order. */
export type Request =
  | { readonly id: number; readonly group: Group }
  | { readonly id: number; readonly question: Question };

export type Reply =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly failure: Failure };
