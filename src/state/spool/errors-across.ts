import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { PackedError } from './messages.ts';

export function packError(error: unknown): PackedError {
  const { code, message, hint, retryAfterMs } = toBridgeError(error);
  return { code, message, hint, retryAfterMs };
}

export function unpackError({ code, message, hint, retryAfterMs }: PackedError): BridgeError {
  return new BridgeError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
