import { upstreamBackoff } from '../../pipeline/backoff.ts';
import type { MailboxTiming } from './mailbox-feed.ts';

/** As polled feeds are treated. */
export const mailboxTiming: MailboxTiming = { retry: upstreamBackoff, refusals: 5 };
