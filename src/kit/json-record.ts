import { BridgeError } from '../core/errors.ts';
import { decodeUtf8 } from './utf8.ts';

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the record.
    throw new BridgeError('RECORD_MALFORMED', `${what} is not JSON`);
  }
}

/**
 * The members of a record that is one JSON object in UTF-8. They are only for reading: numbers may have lost digits,
 * so what is published is always the record's bytes. Throws RECORD_NOT_UTF8 or RECORD_MALFORMED; `what` names the record.
 */
export function parseJsonRecord(bytes: Uint8Array, what: string): Readonly<Record<string, unknown>> {
  const value = parse(decodeUtf8(bytes, what), what);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BridgeError('RECORD_MALFORMED', `${what} is not a JSON object`);
  }
  return value as Readonly<Record<string, unknown>>;
}
