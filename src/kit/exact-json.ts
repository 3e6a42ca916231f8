import { BridgeError } from '../core/errors.ts';
import { excerpt } from './excerpt.ts';
import { isUtf8, parseMediaType } from './media-type.ts';
import { decodeUtf8 } from './utf8.ts';

/** Whether there may be a number in the text that a double cannot hold. */
const suspicious = /\d[\d.]{15}|\d[eE][+-]?\d/;

/** The digits that count: 1.50e3 and 1500 have the same. */
function digitsOf(number: string): string {
  return number
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '')
    .replace(/0+$/, '');
}

function isExact(value: number, source: string): boolean {
  return (
    Number.isFinite(value) && digitsOf(String(value)) === digitsOf(source) && (value !== 0 || digitsOf(source) === '')
  );
}

type Reviver = (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown;

const keepDigits: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !isExact(value, source) ? source : value;

/**
 * Any JSON value in UTF-8, for reading names and ids. A number that a double cannot hold is given as text, as it is
 * spelled: rounded, two ids could become one. Throws RECORD_NOT_UTF8 or RECORD_MALFORMED; `what` names the record.
 */
export function parseExactJson(bytes: Uint8Array, what: string): unknown {
  const text = decodeUtf8(bytes, what);
  try {
    return suspicious.test(text)
      ? JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch {
    // The engine's own message quotes the record.
    throw new BridgeError('RECORD_MALFORMED', `${what} is not JSON`);
  }
}

/**
 * The same, where it has to be an object, and `mediaType` must not name another charset: JSON is UTF-8. Throws as
 * `parseExactJson` does.
 */
export function parseJsonObject(bytes: Uint8Array, mediaType: string, what: string): Readonly<Record<string, unknown>> {
  requireUtf8(mediaType, what);
  const value = parseExactJson(bytes, what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BridgeError('RECORD_MALFORMED', `${what} is not a JSON object`);
}

/** Throws RECORD_NOT_UTF8 where the sender has named another charset. */
export function requireUtf8(mediaType: string, what: string): void {
  const charset = parseMediaType(mediaType)?.charset;
  if (!isUtf8(charset))
    throw new BridgeError('RECORD_NOT_UTF8', `${what} says that its charset is ${excerpt(charset ?? '')}`);
}
