import { skipName, skipString, skipValue, skipWhitespace } from './json-scan.ts';

/** The bytes of one JSON value, without the space around it. */
export interface JsonSlice {
  readonly start: number;
  readonly end: number;
}

export type JsonSlices =
  | {
      readonly kind: 'object';
      /** The values of the top-level object by name; of a repeated name the last one, as with JSON.parse. */
      readonly members: ReadonlyMap<string, JsonSlice>;
      /** The elements of the member that was asked for; undefined when it is absent or no array. */
      readonly elements: readonly JsonSlice[] | undefined;
    }
  /** JSON, but something else at the top. */
  | { readonly kind: 'not-object' }
  /** `at`: where the bytes stop being JSON. */
  | { readonly kind: 'not-json'; readonly at: number };

const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;

/** `start` is behind the bracket. Gives the place behind the array, or `~place` where it is none. */
function walkElements(bytes: Uint8Array, start: number, elements: JsonSlice[]): number {
  let at = skipWhitespace(bytes, start);
  if (bytes[at] === closeBracket) return at + 1;
  for (;;) {
    const end = skipValue(bytes, at);
    if (end < 0) return end;
    elements.push({ start: at, end });
    at = skipWhitespace(bytes, end);
    if (bytes[at] === closeBracket) return at + 1;
    if (bytes[at] !== comma) return ~at;
    at = skipWhitespace(bytes, at + 1);
  }
}

/** The name as JSON.parse spells it: escapes resolved, bytes that are not UTF-8 replaced. */
function decodeName(bytes: Uint8Array, start: number, end: number): string {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString()) as string;
}

interface Found {
  readonly members: Map<string, JsonSlice>;
  elements: JsonSlice[] | undefined;
}

/** `start` is behind the brace. Gives the place behind the object, or `~place` where it is none. */
function walkMembers(bytes: Uint8Array, start: number, arrayName: string, found: Found): number {
  let at = skipWhitespace(bytes, start);
  if (bytes[at] === closeBrace) return at + 1;
  for (;;) {
    const valueStart = skipName(bytes, at);
    if (valueStart < 0) return valueStart;
    const name = decodeName(bytes, at, skipString(bytes, at));
    const isWanted = name === arrayName;
    const elements: JsonSlice[] | undefined = isWanted && bytes[valueStart] === openBracket ? [] : undefined;
    const end = elements ? walkElements(bytes, valueStart + 1, elements) : skipValue(bytes, valueStart);
    if (end < 0) return end;
    if (isWanted) found.elements = elements;
    found.members.set(name, { start: valueStart, end });
    at = skipWhitespace(bytes, end);
    if (bytes[at] === closeBrace) return at + 1;
    if (bytes[at] !== comma) return ~at;
    at = skipWhitespace(bytes, at + 1);
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** The bytes without a byte order mark in front. */
export function withoutMark(bytes: Uint8Array): Uint8Array {
  return byteOrderMark.equals(bytes.subarray(0, 3)) ? bytes.subarray(3) : bytes;
}

/**
 * Cuts a JSON array into its elements, byte for byte. `other`: it begins with something else, and was not looked at
 * further. Never throws.
 */
export function sliceArray(
  bytes: Uint8Array,
): { readonly kind: 'array'; readonly elements: readonly Uint8Array[] } | { readonly kind: 'other' | 'not-json' } {
  const start = skipWhitespace(bytes, 0);
  if (bytes[start] !== openBracket) return { kind: 'other' };
  const slices: JsonSlice[] = [];
  const end = walkElements(bytes, start + 1, slices);
  if (end < 0 || skipWhitespace(bytes, end) < bytes.length) return { kind: 'not-json' };
  return { kind: 'array', elements: slices.map((slice) => bytes.subarray(slice.start, slice.end)) };
}

/**
 * Cuts a JSON object into its members, and the array under `arrayName` into its elements, in one strict pass that
 * decodes no value, so that each can be handed on byte for byte. A byte order mark in front is ignored. Never throws.
 */
export function sliceObject(bytes: Uint8Array, arrayName: string): JsonSlices {
  const start = skipWhitespace(bytes, byteOrderMark.equals(bytes.subarray(0, 3)) ? 3 : 0);
  const isObject = bytes[start] === openBrace;
  const found: Found = { members: new Map(), elements: undefined };
  const end = isObject ? walkMembers(bytes, start + 1, arrayName, found) : skipValue(bytes, start);
  const rest = end < 0 ? ~end : skipWhitespace(bytes, end);
  if (end < 0 || rest < bytes.length) return { kind: 'not-json', at: rest };
  return isObject ? { kind: 'object', ...found } : { kind: 'not-object' };
}
