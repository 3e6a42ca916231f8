import type { BridgeError, ErrorCode } from '../../core/errors.ts';

/** What a sender gets, besides its request id. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = { 'content-type': 'application/json; charset=utf-8' };
const accepted = '{"accepted":true}';

export function successAnswer(status: number): Answer {
  return status === 204 ? { status, headers: {}, body: '' } : { status, headers: json, body: accepted };
}

/** Statuses of what is refused before it is taken in; of anything else it is 503. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_UNREADABLE: 400,
  HOOK_UNKNOWN: 404,
  REQUEST_METHOD_WRONG: 405,
  REQUEST_TOO_LARGE: 413,
  REQUEST_CODING_UNKNOWN: 415,
  REQUEST_TYPE_UNKNOWN: 415,
  REQUEST_TOO_OFTEN: 429,
};

/** For people who look at a sender's log; the bridge's own error texts are not for strangers. */
const words: Readonly<Record<number, string>> = {
  400: 'the request cannot be read',
  401: 'not authenticated',
  403: 'not allowed',
  404: 'there is no such path',
  405: 'the method is not allowed',
  413: 'the body is too large',
  415: 'the media type or coding of the body is not supported',
  429: 'too many requests',
  503: 'not available right now',
  507: 'out of storage right now',
};

/** Retry-After of 503 and 507 in seconds, where nobody asked for more. */
const pauseSeconds = 5;
const longestPauseSeconds = 15 * 60;

export function failureAnswer(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = JSON.stringify({ accepted: false, reason: words[status] ?? 'refused' });
  return { status, headers: { ...json, ...headers }, body };
}

export function errorAnswer(error: BridgeError): Answer {
  const status = statuses[error.code] ?? (isDiskFull(error) ? 507 : 503);
  if (status < 500 && status !== 429) return failureAnswer(status);
  const asked = Math.ceil((error.retryAfterMs ?? 0) / 1_000);
  const seconds = Math.min(Math.max(asked, status === 429 ? 1 : pauseSeconds), longestPauseSeconds);
  return failureAnswer(status, { 'retry-after': String(seconds) });
}

const sqliteFull = 13;

/** Of the file system, or as SQLite tells it. */
export function isDiskFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')) return true;
    if ('errcode' in cause && Number(cause.errcode) % 256 === sqliteFull) return true;
  }
  return false;
}
