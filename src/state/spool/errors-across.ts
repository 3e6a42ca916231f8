import { BridgeError, toBridgeError } from '../../core/errors.ts';
import { isDiskFull, noRoom } from './disk-full.ts';
import type { PackedError } from './messages.ts';

export function packError(thrown: unknown): PackedError {
  const error = toBridgeError(thrown);
  const { code, message, hint, retryAfterMs } = error;
  return { code, message, hint, retryAfterMs, diskFull: isDiskFull(error) };
}

export function unpackError({ code, message, hint, retryAfterMs, diskFull }: PackedError): BridgeError {
  return new BridgeError(code, message, {
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(diskFull ? { cause: noRoom() } : {}),
  });
}
