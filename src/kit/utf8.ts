import { BridgeError } from '../core/errors.ts';

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws RECORD_NOT_UTF8; `what` names the record. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new BridgeError('RECORD_NOT_UTF8', `${what} contains bytes that are not UTF-8`);
  }
}
