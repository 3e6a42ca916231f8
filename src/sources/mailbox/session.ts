import type { MailMark } from '../../core/mailbox.ts';

/** A mail of the open folder that is not marked yet. */
export interface WaitingMail {
  readonly uid: number;
  /** As the server says, in bytes. */
  readonly size: number;
}

/**
 * One connection with one folder open: what the source needs of an IMAP library. Methods reject with a BridgeError, and
 * with STOPPING when `signal` aborts; after that, and after any loss of the connection, it is not open any more. One
 * call at a time.
 */
export interface MailSession {
  /** UIDs of the folder are good as long as this is the same. */
  readonly uidValidity: string;
  readonly isOpen: boolean;
  /** UIDs of the mails that carry none of these keywords, in ascending order. */
  search(without: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** Of those that are still there, in ascending order. */
  sizes(uids: readonly number[], signal: AbortSignal): Promise<readonly WaitingMail[]>;
  /** At most so many bytes of each that is still there, by UID. Nothing is marked by it, not even as seen. */
  fetch(uids: readonly number[], maxBytes: number, signal: AbortSignal): Promise<ReadonlyMap<number, Buffer>>;
  /** A mail that is gone is no failure. Rejects with COMPLETE_UNCONFIRMED, and what the server says, when it is refused. */
  mark(uid: number, mark: MailMark, signal: AbortSignal): Promise<void>;
  /**
   * Rejects with a fatal error when mails could not be marked like this: MAILBOX_FOLDER_MISSING,
   * MAILBOX_NOT_WRITABLE, MAILBOX_KEYWORD_REFUSED, MAILBOX_MOVE_UNSAFE.
   */
  prepare(marks: readonly MailMark[], signal: AbortSignal): Promise<void>;
  /** Resolves when there may be news since the last search, when `ms` are over, or when `signal` aborts. */
  waitForNews(ms: number, idle: boolean, signal: AbortSignal): Promise<void>;
  /** Logs out, for a moment at most. */
  close(): Promise<void>;
}
