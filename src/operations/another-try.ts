import { BridgeError, type ErrorCode } from '../core/errors.ts';
import { backoffMs, wait } from '../pipeline/backoff.ts';
import type { Upstream } from './upstream-call.ts';

/** Tries of one request, by an operator who waits for it. */
export const mostTries = 5;

/** Longer than this nobody waits at a terminal. */
const longestWaitMs = 60_000;

const passing: readonly ErrorCode[] = [
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_ERROR',
  'UPSTREAM_RATE_LIMITED',
  'BATCH_MALFORMED',
];

/** Whether a failure may be gone in a moment. Credentials that are refused stay refused. */
export function isPassing(error: unknown): error is BridgeError {
  return error instanceof BridgeError && passing.includes(error.code);
}

/** Waits before the next try, for as long as upstream asks for. */
export async function waitForNextTry(upstream: Upstream, attempt: number, failure?: BridgeError): Promise<void> {
  const asked = Math.min(failure?.retryAfterMs ?? 0, longestWaitMs);
  await wait(Math.max(backoffMs(upstream.backoff, attempt), asked), upstream.signal);
}
