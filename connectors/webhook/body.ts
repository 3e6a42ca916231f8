import type { EventData } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { parseExactJson, requireUtf8 } from '../../src/kit/exact-json.ts';
import { isJsonType, parseMediaType } from '../../src/kit/media-type.ts';
import { decodeUtf8 } from '../../src/kit/utf8.ts';
import { formType } from '../../src/kit/webhook-content.ts';
import type { Content } from './content.ts';

export interface ReadBody {
  /** What expressions see; undefined: they see headers and query alone. */
  readonly body: unknown;
  readonly data: EventData;
  readonly contentType: string;
}

function jsonBody({ bytes, mediaType }: RawRecord, what: string): ReadBody {
  requireUtf8(mediaType, what);
  const essence = parseMediaType(mediaType)?.essence ?? '';
  const contentType = isJsonType(essence) && essence !== 'text/json' ? essence : 'application/json';
  return { body: parseExactJson(bytes, what), data: { kind: 'json', bytes }, contentType };
}

function textBody({ bytes, mediaType }: RawRecord, what: string): ReadBody {
  requireUtf8(mediaType, what);
  const contentType = parseMediaType(mediaType)?.essence ?? 'text/plain';
  return { body: decodeUtf8(bytes, what), data: { kind: 'binary', bytes }, contentType };
}

/** What a record has, as the settings say what it is. Throws RECORD_MALFORMED or RECORD_NOT_UTF8. */
export function readBody(content: Content, record: RawRecord, what: string): ReadBody {
  const { bytes, mediaType } = record;
  switch (content.kind) {
    case 'form':
      if (mediaType.startsWith(formType)) {
        throw new BridgeError('RECORD_MALFORMED', `${what} is a form without the field ${content.field}`);
      }
      return jsonBody(record, what);
    case 'text':
      return textBody(record, what);
    // XML says in itself how it is encoded: it is carried as it is, and its elements are not looked at.
    case 'xml':
    case 'binary':
      return { body: undefined, data: { kind: 'binary', bytes }, contentType: mediaType };
    case 'json':
    case 'cloudevents':
      return jsonBody(record, what);
  }
}
