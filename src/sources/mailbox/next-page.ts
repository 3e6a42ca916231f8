import type { MailLimits } from '../../core/mailbox.ts';
import type { MailSession, WaitingMail } from './session.ts';
import { keptBytes } from './take-mail.ts';

/** Mails that are fetched at once, and that are in memory until they are acked one by one. */
const page = { mails: 50, bytes: 8 * 1024 * 1024 } as const;

export interface FetchedMail extends WaitingMail {
  /** Whole, or, where it is too large, its beginning. */
  readonly bytes: Buffer;
}

export interface PageOfMails {
  readonly uidValidity: string;
  /** In the order of their UIDs. */
  readonly mails: readonly FetchedMail[];
}

/** From the first on, as many as fit; one always does. */
function fitting(sizes: readonly WaitingMail[], { mailBytes }: MailLimits): readonly WaitingMail[] {
  let bytes = 0;
  const end = sizes.findIndex(({ size }, at) => {
    bytes += size > mailBytes ? keptBytes : size;
    return at > 0 && bytes > page.bytes;
  });
  return end === -1 ? sizes : sizes.slice(0, end);
}

/**
 * The first mails of the folder that carry none of these keywords; undefined: there are none. A mail that is gone before
 * it is fetched is left out. Of what is too large only the beginning is fetched. Rejects as the session does.
 */
export async function nextPage(
  session: MailSession,
  keywords: readonly string[],
  limits: MailLimits,
  signal: AbortSignal,
): Promise<PageOfMails | undefined> {
  const uids = await session.search(keywords, signal);
  for (let first = 0; first < uids.length; first += page.mails) {
    const sizes = await session.sizes(uids.slice(first, first + page.mails), signal);
    const chosen = fitting(sizes, limits);
    const small = chosen.filter(({ size }) => size <= limits.mailBytes).map(({ uid }) => uid);
    const large = chosen.filter(({ size }) => size > limits.mailBytes).map(({ uid }) => uid);
    // One byte more than is allowed: a server may be wrong about a size.
    const whole = small.length === 0 ? undefined : await session.fetch(small, limits.mailBytes + 1, signal);
    const beginnings = large.length === 0 ? undefined : await session.fetch(large, keptBytes, signal);
    const mails = chosen.flatMap(({ uid, size }) => {
      const bytes = whole?.get(uid) ?? beginnings?.get(uid);
      return bytes === undefined ? [] : [{ uid, size, bytes }];
    });
    if (mails.length > 0) return { uidValidity: session.uidValidity, mails };
  }
  return undefined;
}
