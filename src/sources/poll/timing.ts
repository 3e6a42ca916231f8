import { maxRetryAfterMs } from '../../kit/retry-after.ts';
import { type BackoffPolicy, upstreamBackoff } from '../../pipeline/backoff.ts';

/** How the poll engine behaves when something fails. Times in milliseconds. */
export interface PollTiming {
  /** Its base is also the least time between any two requests of a failing feed. */
  readonly retry: BackoffPolicy;
  /** Between tries of a batch that does not parse; after `malformedTries` of them the feed is halted. */
  readonly malformed: BackoffPolicy;
  readonly malformedTries: number;
  /** How often a published batch may be refused by `complete` and handed out again before the feed is halted. */
  readonly refusals: number;
  /** Longest wait that upstream may ask for by Retry-After. */
  readonly retryAfterCapMs: number;
}

/** Nine waits from 1.2 s, doubled each time, make ten tries over ten minutes. */
export const pollTiming: PollTiming = {
  retry: upstreamBackoff,
  malformed: { baseMs: 1_200, capMs: 600_000, jitter: 'upwards' },
  malformedTries: 10,
  refusals: 5,
  retryAfterCapMs: maxRetryAfterMs,
};
