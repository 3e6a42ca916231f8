import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { MailMark } from '../../core/mailbox.ts';
import { politeBackoffMs, wait } from '../../pipeline/backoff.ts';
import type { SessionKeeper } from './keep-session.ts';
import type { MailboxFeed } from './mailbox-feed.ts';

/** Which mail gets which mark. */
export interface Marking {
  readonly uid: number;
  readonly uidValidity: string;
  readonly mark: MailMark;
}

/** What marking needs of its feed. */
export type MarkContext = Pick<MailboxFeed, 'feed' | 'report' | 'timing'>;

function hintFor(feed: FeedName): string {
  return `Nothing is lost; this feed is stopped, the others run. Check the rights of the account, and its quota. Then: feedferry resume ${feed}`;
}

/**
 * Marks a mail that is safe, for as long as it takes; doing so twice changes nothing. Gives false where the folder has new
 * UIDs by then: the mail comes again under another one, and to mark what has its old one now would be to lose that.
 * Rejects with COMPLETE_REFUSED after so many refusals, with what is fatal, or with STOPPING.
 */
export async function markMail(
  { uid, uidValidity, mark }: Marking,
  { feed, report, timing }: MarkContext,
  sessions: SessionKeeper,
  signal: AbortSignal,
): Promise<boolean> {
  let refusals = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const session = await sessions.get(signal);
      if (session.uidValidity !== uidValidity) return false;
      await session.mark(uid, mark, signal);
      return true;
    } catch (thrown) {
      const error = toBridgeError(thrown);
      if (error.disposition !== 'retryable' || signal.aborted) throw error;
      if (error.code === 'COMPLETE_UNCONFIRMED') refusals++;
      if (refusals >= timing.refusals) {
        throw new BridgeError('COMPLETE_REFUSED', `${error.message} (${refusals} times)`, { hint: hintFor(feed) });
      }
      const delayMs = politeBackoffMs(timing.retry, attempt, error.retryAfterMs);
      report({ event: 'attempt.failed', subject: feed, activity: 'complete', error, attempt, delayMs });
      await wait(delayMs, signal);
    }
  }
}

/** Of a server that accepts marks, and shows the mails without them. */
export function markNotKept(feed: FeedName, times: number, limit: number): BridgeError {
  const message = 'the server accepts the marks of mails, and shows the mails without them';
  return times >= limit
    ? new BridgeError('COMPLETE_REFUSED', `${message} (${times} times)`, { hint: hintFor(feed) })
    : new BridgeError('COMPLETE_UNCONFIRMED', message);
}
