import { BridgeError, type ErrorCode, type ErrorDetails } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Treatment } from '../core/response-policy.ts';
import { excerpt } from './excerpt.ts';
import { retryAfterMs } from './retry-after.ts';

const codes: Readonly<Record<Treatment, ErrorCode>> = {
  ok: 'BATCH_MALFORMED',
  empty: 'BATCH_MALFORMED',
  retry: 'UPSTREAM_ERROR',
  auth: 'AUTH_REFUSED',
  'rate-limited': 'UPSTREAM_RATE_LIMITED',
  fatal: 'UPSTREAM_REFUSED',
};

function waitsFor(response: HttpResponse, code: ErrorCode): ErrorDetails {
  if (code !== 'UPSTREAM_ERROR' && code !== 'UPSTREAM_RATE_LIMITED') return {};
  const wait = retryAfterMs(response.headers, response.receivedAt);
  return wait === undefined ? {} : { retryAfterMs: wait };
}

/**
 * The error that an answer means. Its message holds what was asked, the status, and what the answer says: in the words of
 * the rule, else the beginning of its body.
 */
export function failureOf(treatment: Treatment, response: HttpResponse, what: string, says?: string): BridgeError {
  const { status } = response;
  const isMissing = treatment === 'fatal' && (status === 404 || status === 410);
  const code = isMissing ? 'UPSTREAM_NOT_FOUND' : codes[treatment];
  const said = says ?? excerpt(response.body);
  const message = `${what}: answered ${status}${said === '' ? '' : `: ${said}`}`;
  return new BridgeError(code, message, waitsFor(response, code));
}
