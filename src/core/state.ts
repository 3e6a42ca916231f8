import type { Page, PageQuery } from './archive.ts';
import type { FeedName } from './batch.ts';
import type { DeadLetter, DeadLetterStage, DeadLetterStatus } from './dead-letter.ts';
import type { ErrorCode } from './errors.ts';
import type { Registrations } from './registration.ts';
import type { Requests } from './requests.ts';
import type { Spool } from './spool.ts';

/** A batch is known by its content too: upstream may use an id again. */
export interface BatchKey {
  readonly feed: FeedName;
  readonly batchId: string;
  /** SHA-256 of the records, hex. */
  readonly digest: string;
}

export interface LedgerEntry extends BatchKey {
  /** How many events were published; records may also have been filtered or set aside. */
  readonly events: number;
  /** Where they went, for people: `fenergo.journey/0 @ 881-890`. */
  readonly whereabouts: string;
  readonly publishedAt: Date;
  /** When upstream accepted the ack; null while that is open. */
  readonly completedAt: Date | null;
}

/** That one of several destinations is done with a batch, while others are not. */
export interface LedgerPart extends BatchKey {
  /** What tells the destination from the others of its pipeline, and from itself with other settings. */
  readonly destination: string;
  /** How many events were published there. */
  readonly events: number;
  readonly whereabouts: string;
  readonly publishedAt: Date;
}

/**
 * Which batches are published. It prevents duplicates, not loss: an entry survives a crash of the process at once, a
 * power cut only after a moment.
 */
export interface Ledger {
  find(key: BatchKey): Promise<LedgerEntry | undefined>;
  /** The destinations that are done with a batch that is not entered yet. */
  findParts(key: BatchKey): Promise<readonly LedgerPart[]>;
  /** Entered when one of several destinations is done with the batch. Entering twice changes nothing. */
  enterPart(part: LedgerPart): Promise<void>;
  /**
   * Entered when the broker has confirmed the batch, all of them where there are several, before the ack. Entering
   * twice changes nothing. Its parts are forgotten.
   */
  enter(entry: Omit<LedgerEntry, 'completedAt'>): Promise<void>;
  /** For people, and for `prune`; one that is lost in a crash changes nothing. */
  complete(key: BatchKey, at: Date): Promise<void>;
  /** Newest first. */
  list(filter: { readonly feed?: FeedName; readonly limit: number }): Promise<readonly LedgerEntry[]>;
  /** Of a feed, published from `from` until before `to`, in the order of entry. `limit` counts the entries of all feeds. */
  range(query: PageQuery): Promise<Page<LedgerEntry>>;
  /**
   * Forgets entries that were published before `before`: those completed before it too, and open ones that a later
   * batch of their feed has followed, since upstream went on. At most a few thousand a call; gives how many.
   */
  prune(before: Date): Promise<number>;
}

/** Acknowledged positions of feeds that are read by cursor. Durable when `set` resolves. */
export interface Cursors {
  get(feed: FeedName): Promise<string | undefined>;
  set(feed: FeedName, position: string): Promise<void>;
  list(): Promise<readonly { readonly feed: FeedName; readonly position: string; readonly setAt: Date }[]>;
}

export interface DeadLetterFilter {
  readonly feed?: FeedName;
  readonly code?: ErrorCode;
  readonly stage?: DeadLetterStage;
  /** Default: what is not closed, `open` and `parked`. */
  readonly status?: readonly DeadLetterStatus[];
  /** Set aside last from here on. */
  readonly since?: Date;
  /** Set aside last before. */
  readonly until?: Date;
  /** Only those after this one, for pages. An id that is not there rejects with NOT_FOUND. */
  readonly after?: string;
  readonly limit: number;
}

/** A key at which records of a feed are parked, for one destination of it. */
export interface ParkedKey {
  readonly feed: FeedName;
  readonly destination: string;
  readonly key: string;
  /** How many are parked. */
  readonly count: number;
  /** `firstAt` of the first of them. */
  readonly since: Date;
}

/** What went wrong when a dead letter was tried again. */
export type RepeatedFailure = Pick<DeadLetter, 'code' | 'reason' | 'stage' | 'envelope' | 'lastAt'> & {
  /** As of DeadLetter: what still lacks it. */
  readonly destination: string | undefined;
};

export interface DeadLetterCount {
  readonly feed: FeedName;
  readonly code: ErrorCode;
  readonly count: number;
  /** When the one that was set aside last longest ago was. */
  readonly oldestAt: Date;
}

/** The one home of dead letters. Durable when a method resolves; nothing but what is closed is ever forgotten. */
export interface DeadLetters {
  /**
   * Adding one again keeps `firstAt`, the record and its place in the order, and updates what went wrong: code, reason,
   * stage, attempts, envelope, `lastAt`, and `status`. Two that name different destinations become one that names none;
   * of the other events of the record, those stay that neither lacks.
   * What waits behind another (stage `parked`) changes nothing about one that was refused itself, and nothing changes
   * one that is closed: a batch that comes again opens no letter again. All or none.
   */
  add(letters: readonly DeadLetter[]): Promise<void>;
  /** Tells what went wrong when one was tried again: one attempt more. Does nothing to one that is closed. */
  failedAgain(id: string, failure: RepeatedFailure): Promise<void>;
  /**
   * Closes those that are not closed yet, for good; all or none. Gives the ids of those that it has closed.
   */
  close(
    ids: readonly string[],
    closing: { readonly status: 'redriven' | 'discarded'; readonly reason: string; readonly at: Date },
  ): Promise<readonly string[]>;
  /** Oldest first: in the order in which they were first set aside. */
  list(filter: DeadLetterFilter): Promise<readonly DeadLetter[]>;
  /** By id, or an unambiguous beginning of one of at least 6 characters. */
  get(id: string): Promise<DeadLetter | undefined>;
  /** By feed and code, of those that `filter` would list. */
  counts(filter?: Omit<DeadLetterFilter, 'limit' | 'after'>): Promise<readonly DeadLetterCount[]>;
  /** In the order in which they were parked. */
  parkedKeys(): Promise<readonly ParkedKey[]>;
  /** What is parked at a key, oldest first, at most so many. */
  parked(feed: FeedName, destination: string, key: string, limit: number): Promise<readonly DeadLetter[]>;
  /** Forgets what was closed before; at most a thousand a call. Gives how many. */
  prune(before: Date): Promise<number>;
}

/** Feeds that an operator has paused: they stay paused across restarts. */
export interface Pauses {
  list(): Promise<readonly FeedName[]>;
  set(feed: FeedName, paused: boolean): Promise<void>;
}

export interface AuditRecord {
  readonly at: Date;
  /** The command: `discard`, `set-aside`, `cursor set`, `pause`, `resume`. */
  readonly action: string;
  readonly feed: FeedName;
  readonly reason: string;
  /** What was done, as a JSON value. */
  readonly detail: unknown;
}

/** What operators did to feeds. Durable when `append` resolves. */
export interface AuditLog {
  append(record: AuditRecord): Promise<void>;
  /** Newest first. */
  list(limit: number): Promise<readonly AuditRecord[]>;
}

/**
 * Everything durable behind one interface. Methods reject with a BridgeError of the STATE_ codes.
 * One daemon at a time: opening it elsewhere meanwhile rejects with STATE_LOCKED.
 */
export interface State extends AsyncDisposable {
  readonly ledger: Ledger;
  readonly cursors: Cursors;
  readonly deadLetters: DeadLetters;
  readonly pauses: Pauses;
  readonly audit: AuditLog;
  readonly registrations: Registrations;
  readonly requests: Requests;
  /** Nothing of it is on the disk before it is used. */
  readonly spool: Spool;
  /** Whether something can be written right now. */
  writable(): Promise<boolean>;
}
