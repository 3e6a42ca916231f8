import { type BackoffPolicy, brokerBackoff } from './pipeline/backoff.ts';
import { probeMs } from './pipeline/feed-runner.ts';
import type { MailboxTiming } from './sources/mailbox/mailbox-feed.ts';
import { mailboxTiming } from './sources/mailbox/timing.ts';
import { type PollTiming, pollTiming } from './sources/poll/timing.ts';
import { type StreamTiming, streamTiming } from './sources/sse/sse-feed.ts';

/** How long what is in flight may take to settle when the daemon stops, or a feed is paused. */
export const drainMs = 25_000;

/** How long the daemon waits for what. Times in milliseconds. */
export interface DaemonTiming {
  readonly drainMs: number;
  readonly probeMs: number;
  /** Between attempts to publish. */
  readonly publish: BackoffPolicy;
  readonly poll: PollTiming;
  readonly stream: StreamTiming;
  readonly mailbox: MailboxTiming;
  /** Between two looks for jobs that are stalled. */
  readonly stalledLookMs: number;
}

export const daemonTiming: DaemonTiming = {
  drainMs,
  probeMs,
  publish: brokerBackoff,
  poll: pollTiming,
  stream: streamTiming,
  mailbox: mailboxTiming,
  stalledLookMs: 1_000,
};
