import { createEnvelope, type Envelope, type EventData } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { readAttributes } from './cloudevents-attributes.ts';
import { parseJsonRecord } from './json-record.ts';
import { sliceObject } from './json-slices.ts';
import { isJsonType, parseMediaType } from './media-type.ts';

const nothing = Buffer.from('null');
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function fromBase64(value: unknown, what: string): EventData {
  if (typeof value === 'string' && base64.test(value)) return { kind: 'binary', bytes: Buffer.from(value, 'base64') };
  throw new BridgeError('CLOUDEVENT_INVALID', `${what} is no CloudEvent 1.0: data_base64 is not Base64`);
}

function dataOf(
  { data, data_base64: encoded }: Readonly<Record<string, unknown>>,
  bytes: Uint8Array,
  contentType: string,
  what: string,
): EventData {
  if (data !== undefined && encoded !== undefined) {
    throw new BridgeError('CLOUDEVENT_INVALID', `${what} is no CloudEvent 1.0: it has both data and data_base64`);
  }
  if (encoded !== undefined) return fromBase64(encoded, what);
  if (data === undefined) return { kind: 'json', bytes: nothing };
  // Text of another media type stands in a JSON string; it is the text that is meant.
  if (typeof data === 'string' && data.isWellFormed() && !isJsonType(parseMediaType(contentType)?.essence ?? '')) {
    return { kind: 'binary', bytes: Buffer.from(data) };
  }
  const slices = sliceObject(bytes, '');
  const place = slices.kind === 'object' ? slices.members.get('data') : undefined;
  return { kind: 'json', bytes: place ? bytes.subarray(place.start, place.end) : nothing };
}

/**
 * An event in structured mode (`application/cloudevents+json`), with its data byte for byte; without data it is `null`.
 * Throws what `readAttributes` throws, RECORD_NOT_UTF8 or RECORD_MALFORMED.
 */
export function readStructured(bytes: Uint8Array, what: string): Envelope {
  const members = parseJsonRecord(bytes, what);
  const isData = (name: string): boolean => name === 'data' || name === 'data_base64';
  const attributes = readAttributes(
    Object.entries(members).filter(([name]) => !isData(name)),
    what,
  );
  return createEnvelope(attributes, dataOf(members, bytes, attributes.datacontenttype, what));
}
