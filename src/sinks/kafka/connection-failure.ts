import type { BridgeError, ErrorCode } from '../../core/errors.ts';

const codes: ReadonlySet<ErrorCode> = new Set([
  'BROKER_AUTH_REFUSED',
  'BROKER_TIMEOUT',
  'BROKER_TLS_REFUSED',
  'BROKER_UNREACHABLE',
  'STOPPING',
  'TOKEN_UNAVAILABLE',
]);

/** Whether it holds for all topics alike. */
export function isConnectionFailure({ code }: BridgeError): boolean {
  return codes.has(code);
}
