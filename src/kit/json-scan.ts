/*
 * A strict walk over JSON bytes that decodes nothing. Every function takes the place where its token begins and gives
 * the place behind it; a negative result `~place` says where the bytes stop being JSON. Bytes from 0x80 up may stand
 * in strings only, whether they are good UTF-8 or not: that is for whoever decodes them.
 */

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

const simpleEscapes = new Set(Buffer.from('"\\/bfnrt'));
const literals = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

export function skipWhitespace(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break;
  }
  return at;
}

/** `at` is behind the backslash. */
function skipEscape(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) return ~at;
  if (simpleEscapes.has(byte)) return at + 1;
  if (byte !== 0x75) return ~at;
  for (let digit = at + 1; digit < at + 5; digit++) if (!isHexDigit(bytes[digit])) return ~digit;
  return at + 5;
}

export function skipString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== quote) return ~from;
  let at = from + 1;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte >= 0x20 && byte !== quote && byte !== backslash) at++;
    else if (byte === quote) return at + 1;
    else if (byte !== backslash) return ~at;
    else {
      at = skipEscape(bytes, at + 1);
      if (at < 0) return at;
    }
  }
  return ~at;
}

/** At least one digit. */
function skipDigits(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isDigit(bytes[at])) at++;
  return at === from ? ~at : at;
}

function skipNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from;
  at = bytes[at] === 0x30 ? at + 1 : skipDigits(bytes, at);
  if (at >= 0 && bytes[at] === 0x2e) at = skipDigits(bytes, at + 1);
  if (at >= 0 && ((bytes[at] ?? 0) | 0x20) === 0x65) {
    const signed = bytes[at + 1] === 0x2b || bytes[at + 1] === 0x2d;
    at = skipDigits(bytes, at + (signed ? 2 : 1));
  }
  return at;
}

function skipLiteral(bytes: Uint8Array, from: number): number {
  for (const literal of literals) {
    if (bytes[from] !== literal[0]) continue;
    for (let index = 1; index < literal.length; index++) if (bytes[from + index] !== literal[index]) return ~from;
    return from + literal.length;
  }
  return ~from;
}

function skipScalar(bytes: Uint8Array, from: number): number {
  const byte = bytes[from];
  if (byte === quote) return skipString(bytes, from);
  return byte === 0x2d || isDigit(byte) ? skipNumber(bytes, from) : skipLiteral(bytes, from);
}

/** A member's name with the colon and the space around it: gives where its value begins. */
export function skipName(bytes: Uint8Array, from: number): number {
  const end = skipString(bytes, from);
  if (end < 0) return end;
  const at = skipWhitespace(bytes, end);
  return bytes[at] === colon ? skipWhitespace(bytes, at + 1) : ~at;
}

/** Any value. Keeps its own stack, so that nesting is bounded by memory only. */
export function skipValue(bytes: Uint8Array, from: number): number {
  const closers: number[] = [];
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === openBrace || byte === openBracket) {
      const closer = byte === openBrace ? closeBrace : closeBracket;
      at = skipWhitespace(bytes, at + 1);
      if (bytes[at] === closer) at++;
      else {
        closers.push(closer);
        if (closer === closeBrace) at = skipName(bytes, at);
        if (at < 0) return at;
        continue;
      }
    } else {
      at = skipScalar(bytes, at);
      if (at < 0) return at;
    }
    at = skipClosers(bytes, at, closers);
    if (at < 0 || closers.length === 0) return at;
  }
}

/** Behind a value: closes what ends here, and gives where the next value begins unless nothing is open any more. */
function skipClosers(bytes: Uint8Array, from: number, closers: number[]): number {
  let at = from;
  while (closers.length > 0) {
    at = skipWhitespace(bytes, at);
    const closer = closers[closers.length - 1];
    const byte = bytes[at];
    if (byte === closer) {
      closers.pop();
      at++;
    } else if (byte === comma) {
      at = skipWhitespace(bytes, at + 1);
      return closer === closeBrace ? skipName(bytes, at) : at;
    } else return ~at;
  }
  return at;
}
