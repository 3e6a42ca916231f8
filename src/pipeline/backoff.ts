import { BridgeError } from '../core/errors.ts';
import { maxRetryAfterMs } from '../kit/retry-after.ts';

/** Exponential back-off. `full` jitter draws from 0 to the delay; `upwards` adds up to half of it, never less than it. */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  readonly jitter: 'full' | 'upwards';
}

/** Between attempts to publish, and to write the state. */
export const brokerBackoff: BackoffPolicy = { baseMs: 200, capMs: 5_000, jitter: 'full' };

/** Between requests to an upstream that fails: never more than one a second. */
export const upstreamBackoff: BackoffPolicy = { baseMs: 1_000, capMs: 30_000, jitter: 'upwards' };

/** How long to wait after attempt number `attempt` (from 1) has failed, in milliseconds. `random` gives [0, 1). */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: () => number = Math.random): number {
  const delay = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(policy.jitter === 'full' ? delay * random() : delay * (1 + random() / 2));
}

/** The same, but no less than the other side asked for, up to 15 minutes. */
export function politeBackoffMs(
  policy: BackoffPolicy,
  attempt: number,
  askedMs: number | undefined,
  random?: () => number,
): number {
  return Math.max(backoffMs(policy, attempt, random), Math.min(askedMs ?? 0, maxRetryAfterMs));
}

/** A timer that is set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Waits, however long; rejects with STOPPING as soon as `signal` aborts. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  let left = ms;
  for (; left > longestTimerMs; left -= longestTimerMs) await sleep(longestTimerMs, signal);
  await sleep(left, signal);
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = () => reject(new BridgeError('STOPPING', 'stopped while waiting'));
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  return promise.finally(() => {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  });
}
