import type { Attributes } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { attributeText } from './attribute-text.ts';
import { parseMediaType } from './media-type.ts';
import { isRfc3339 } from './rfc3339.ts';

const attributeName = /^[a-z0-9]+$/;
const uriReference = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/;

/** What is wrong with an attribute's value beyond its characters; undefined: nothing. */
const faults: Readonly<Record<string, (value: string) => string | undefined>> = {
  source: (value) => (uriReference.test(value) ? undefined : 'a URI reference'),
  dataschema: (value) => (uriReference.test(value) && scheme.test(value) ? undefined : 'an absolute URI'),
  time: (value) => (isRfc3339(value) ? undefined : 'an RFC 3339 timestamp'),
  datacontenttype: (value) => (parseMediaType(value) ? undefined : 'a media type'),
};

function invalid(what: string, reason: string): BridgeError {
  return new BridgeError('CLOUDEVENT_INVALID', `${what} is no CloudEvent 1.0: ${reason}`);
}

/** Booleans and integers in the canonical spelling that CloudEvents has for them as text. */
function textOf(value: unknown): unknown {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31) return String(value);
  return value;
}

function readValue(name: string, value: unknown, what: string): string {
  const isExtension = !standard.has(name);
  const text = attributeText(isExtension ? textOf(value) : value);
  if (text === undefined)
    throw invalid(what, `${name} is not text of at least one character, without control characters`);
  const expected = faults[name]?.(text);
  if (expected !== undefined) throw invalid(what, `${name} is not ${expected}`);
  return text;
}

const standard = new Set(['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema']);

/**
 * Judges the context attributes of an event that somebody else has made, and keeps them as they are, extensions
 * included. `partitionkey` is the source where it has none. An attribute that is null is absent. Throws
 * RECORD_WITHOUT_ID or CLOUDEVENT_INVALID; `what` names the record.
 */
export function readAttributes(given: Iterable<readonly [string, unknown]>, what: string): Attributes {
  const read: Record<string, string> = {};
  for (const [name, value] of given) {
    if (value === null) continue;
    if (!attributeName.test(name))
      throw invalid(what, `"${name.slice(0, 40)}" is no name of an attribute: a-z and 0-9 only`);
    if (name === 'id' && value === '') throw new BridgeError('RECORD_WITHOUT_ID', `${what} has an empty id`);
    read[name] = readValue(name, value, what);
  }
  const { specversion, id, source, type } = read;
  if (specversion === undefined) throw invalid(what, 'it has no specversion');
  if (specversion !== '1.0') throw invalid(what, `its specversion is ${specversion}`);
  if (id === undefined) throw new BridgeError('RECORD_WITHOUT_ID', `${what} has no id`);
  if (source === undefined) throw invalid(what, 'it has no source');
  if (type === undefined) throw invalid(what, 'it has no type');
  return {
    ...read,
    specversion,
    id,
    source,
    type,
    datacontenttype: read['datacontenttype'] ?? 'application/json',
    partitionkey: read['partitionkey'] ?? source,
  } as Attributes;
}
