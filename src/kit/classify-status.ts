import { BridgeError, type ErrorCode, type ErrorDetails } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { excerpt } from './excerpt.ts';
import { retryAfterMs } from './retry-after.ts';

/**
 * The error that an answer means which a connector has no other use for. `what` was asked, as in `GET …/next`. The
 * message holds it, the status and the beginning of the body, and never a header.
 */
export function classifyStatus(response: HttpResponse, what: string): BridgeError {
  const code = codeOf(response.status);
  const body = excerpt(response.body);
  const message = `${what}: answered ${response.status}${body === '' ? '' : `: ${body}`}`;
  return new BridgeError(code, message, waitsFor(response, code));
}

function codeOf(status: number): ErrorCode {
  if (status >= 500 || status === 408 || status === 425) return 'UPSTREAM_ERROR';
  if (status === 429) return 'UPSTREAM_RATE_LIMITED';
  if (status === 401 || status === 403) return 'AUTH_REFUSED';
  if (status === 404 || status === 410) return 'UPSTREAM_NOT_FOUND';
  if (status >= 300) return 'UPSTREAM_REFUSED';
  return 'BATCH_MALFORMED';
}

function waitsFor(response: HttpResponse, code: ErrorCode): ErrorDetails {
  if (code !== 'UPSTREAM_ERROR' && code !== 'UPSTREAM_RATE_LIMITED') return {};
  const wait = retryAfterMs(response.headers, response.receivedAt);
  return wait === undefined ? {} : { retryAfterMs: wait };
}
