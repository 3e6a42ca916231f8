import { z } from 'zod';
import { stateErrors } from '../core/catalogue/state.ts';
import { upstreamErrors } from '../core/catalogue/upstream.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';

/** The HTTP status that says the most about an error. */
export function statusOf(error: BridgeError): number {
  switch (error.code) {
    case 'USAGE':
      return 400;
    case 'ADMIN_REFUSED':
      return 403;
    case 'FEED_UNKNOWN':
    case 'NOT_FOUND':
      return 404;
    case 'FEED_NOT_CAPABLE':
    case 'DISCARD_UNVERIFIED':
    case 'NOT_RUNNING':
      return 409;
    case 'STOPPING':
      return 503;
    default:
      if (Object.hasOwn(upstreamErrors, error.code)) return 502;
      return Object.hasOwn(stateErrors, error.code) ? 503 : 500;
  }
}

/** What went wrong with a request: a caller's mistake in form is USAGE, whatever found it. */
export function requestError(error: unknown): BridgeError {
  if (error instanceof z.ZodError) return new BridgeError('USAGE', z.prettifyError(error).replaceAll('\n', ' '));
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (error instanceof Error && status >= 400 && status < 500) return new BridgeError('USAGE', error.message);
  return toBridgeError(error);
}

export function errorBody({ code, message, hint }: BridgeError): object {
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
