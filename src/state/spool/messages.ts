import type { FeedName } from '../../core/batch.ts';
import type { ErrorCode } from '../../core/errors.ts';
import type { Appended, SpoolEntry, SpoolPage, SpoolReport, SpoolState } from '../../core/spool.ts';

/* What goes between the spool's callers and the thread that owns its file. */

/** A record to append; its bytes are a part of the buffer that came with it. */
export interface PackedEntry {
  /** All but bytes and identity, as JSON. It is stored as it is. */
  readonly head: string;
  readonly identity: SpoolEntry['identity'];
  readonly bytes: Uint8Array;
}

export interface AppendCall {
  readonly kind: 'append';
  readonly feed: FeedName;
  readonly entries: readonly PackedEntry[];
}

export interface ReleaseCall {
  readonly kind: 'release';
  readonly feed: FeedName;
  readonly sequence: number;
}

export interface ReadCall {
  readonly kind: 'read';
  readonly feed: FeedName;
  readonly after: number;
  readonly records: number;
  readonly bytes: number;
}

/** Which sequence of a feed was accepted last. */
export interface AcceptedCall {
  readonly kind: 'accepted';
  readonly feed: FeedName;
}

export type Write = AppendCall | ReleaseCall;
export type Call = Write | ReadCall | AcceptedCall | { readonly kind: 'state' };

export interface PackedRecord {
  readonly sequence: number;
  readonly head: string;
  readonly bytes: Uint8Array;
}

export interface PackedPage {
  readonly records: readonly PackedRecord[];
  readonly gaps: SpoolPage['gaps'];
}

/** What each kind of call is answered with. */
export interface Answers {
  readonly append: readonly Appended[];
  readonly release: null;
  readonly read: PackedPage;
  readonly accepted: number;
  readonly state: SpoolState;
}

export type Answer = Answers[keyof Answers];

/** A BridgeError on its way between threads. */
export interface PackedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether there was no room on the disk: of causes nothing else crosses. */
  readonly diskFull: boolean;
}

export type Outcome = { readonly answer: Answer } | { readonly error: PackedError };

/** To the thread: calls with numbers of their own, or that it is time to close. */
export type ToThread =
  | { readonly kind: 'calls'; readonly calls: readonly { readonly id: number; readonly call: Call }[] }
  | { readonly kind: 'close' };

/** From the thread: what became of calls, news of damage, or that all is closed. */
export type FromThread =
  | { readonly kind: 'outcomes'; readonly outcomes: readonly { readonly id: number; readonly outcome: Outcome }[] }
  | { readonly kind: 'report'; readonly report: SpoolReport }
  | { readonly kind: 'closed' };
