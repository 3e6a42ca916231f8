import type { FeedName } from '../../core/batch.ts';
import type { MailboxArrival } from '../../core/mailbox.ts';
import type { BackoffPolicy } from '../../pipeline/backoff.ts';
import type { Report } from '../../telemetry/events.ts';
import type { MailSession } from './session.ts';

/** One mailbox: what is in it, and how it is reached. */
export interface MailboxFeed {
  readonly feed: FeedName;
  readonly arrival: Omit<MailboxArrival, 'server' | 'endpoint' | 'kind'>;
  /** Connects and opens the folder. Rejects with a BridgeError, and with STOPPING when `signal` aborts. */
  readonly open: (signal: AbortSignal) => Promise<MailSession>;
  readonly report: Report;
  readonly timing: MailboxTiming;
}

/** How a mailbox is treated that does not answer, or refuses. */
export interface MailboxTiming {
  readonly retry: BackoffPolicy;
  /** How often a mark may be refused, or not be kept, before the feed is halted. */
  readonly refusals: number;
}
