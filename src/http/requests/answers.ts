import type { BridgeError, ErrorCode } from '../../core/errors.ts';
import type { Headers } from '../../core/record.ts';
import { errorBody } from '../admin-error.ts';
import { isDiskFull } from '../server/answers.ts';

/** Whether the upstream got the request. `unknown`: it went out, and no whole answer came back. */
export type Sent = 'yes' | 'no' | 'unknown';

export interface DeskAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array | string;
}

export const sentHeader = 'x-feedferry-sent';
export const correlationHeader = 'x-correlation-id';

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  REQUEST_PATH_REFUSED: 400,
  REQUEST_UNREADABLE: 400,
  REQUEST_TARGET_UNKNOWN: 404,
  REQUEST_METHOD_WRONG: 405,
  REQUEST_TOO_LARGE: 413,
  REQUEST_CODING_UNKNOWN: 415,
  REQUEST_UNFIT: 422,
  ANSWERS_FULL: 503,
  HOOK_CLOSED: 503,
  HOOK_OVERLOADED: 503,
  STOPPING: 503,
  UPSTREAM_TIMEOUT: 504,
};

/** Of what went wrong before the upstream was asked, or with it: 502, 504. Says whether it was sent. */
export function failed(error: BridgeError, sent: Sent, headers: Headers = {}, status?: number): DeskAnswer {
  const isState = error.code.startsWith('STATE_');
  const fallback = isDiskFull(error) ? 507 : isState ? 503 : 502;
  return {
    status: status ?? statuses[error.code] ?? fallback,
    headers: { 'content-type': 'application/json; charset=utf-8', [sentHeader]: sent, ...headers },
    body: JSON.stringify({ ...errorBody(error), sent }),
  };
}
