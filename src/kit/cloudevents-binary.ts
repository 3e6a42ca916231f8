import { createEnvelope, type Envelope, type EventData } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import type { Headers, RawRecord } from '../core/record.ts';
import { readAttributes } from './cloudevents-attributes.ts';
import { parseExactJson } from './exact-json.ts';
import { isJsonType, parseMediaType } from './media-type.ts';

const prefix = 'ce-';
const escaped = /(?:%[0-9A-Fa-f]{2})+/g;

/** The headers that carry attributes in binary mode. */
export function isAttributeHeader(name: string): boolean {
  return name.startsWith(prefix);
}

/** Whether a request is an event in binary mode. */
export function isBinaryMode(headers: Headers): boolean {
  return Object.hasOwn(headers, 'ce-specversion');
}

/** Header values are percent-encoded UTF-8. A % that encodes nothing stands for itself. */
function decodeValue(value: string, name: string, what: string): string {
  try {
    return value.replace(escaped, decodeURIComponent);
  } catch {
    throw new BridgeError(
      'CLOUDEVENT_INVALID',
      `${what} is no CloudEvent 1.0: ${prefix}${name} is not UTF-8 when decoded`,
    );
  }
}

function dataOf({ bytes, mediaType }: RawRecord, what: string): EventData {
  if (bytes.length === 0 && mediaType === '') return { kind: 'json', bytes: Buffer.from('null') };
  if (!isJsonType(parseMediaType(mediaType)?.essence ?? '')) return { kind: 'binary', bytes };
  parseExactJson(bytes, what);
  return { kind: 'json', bytes };
}

/** An event in binary mode: attributes in `ce-` headers, data in the body. Throws as `readStructured` does. */
export function readBinary(record: RawRecord, what: string): Envelope {
  const given = Object.entries(record.headers)
    .filter(([name]) => isAttributeHeader(name))
    .map(([name, value]) => [name.slice(prefix.length), value] as const)
    .map(([name, value]) => [name, decodeValue(value, name, what)] as const);
  const data = dataOf(record, what);
  const contentType = record.mediaType || (data.kind === 'json' ? 'application/json' : 'application/octet-stream');
  return createEnvelope(readAttributes([...given, ['datacontenttype', contentType]], what), data);
}
