import type { FeedName } from '../core/batch.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Activity, Report } from '../telemetry/events.ts';
import { type BackoffPolicy, brokerBackoff, politeBackoffMs, wait } from './backoff.ts';

/** Repeats what must not be left undone (a dead letter, a look into the ledger) until it works or `signal` aborts. */
export async function persist<T>(
  action: () => Promise<T>,
  about: {
    readonly feed: FeedName;
    readonly activity: Activity;
    readonly report: Report;
    readonly signal: AbortSignal;
    /** Milliseconds since the epoch after which nobody waits for it: it is not tried again then. */
    readonly deadline?: number | undefined;
    /** As for brokers by default. */
    readonly backoff?: BackoffPolicy;
  },
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action();
    } catch (thrown) {
      const error = toBridgeError(thrown);
      if (error.disposition !== 'retryable' || about.signal.aborted) throw error;
      const delayMs = politeBackoffMs(about.backoff ?? brokerBackoff, attempt, error.retryAfterMs);
      if (about.deadline !== undefined && Date.now() + delayMs > about.deadline) throw error;
      about.report({ event: 'attempt.failed', subject: about.feed, activity: about.activity, error, attempt, delayMs });
      await wait(delayMs, about.signal);
    }
  }
}
