import type { Envelope } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { isAttributeHeader, isBinaryMode, readBinary } from '../../src/kit/cloudevents-binary.ts';
import { readStructured } from '../../src/kit/cloudevents-structured.ts';
import { requireUtf8 } from '../../src/kit/exact-json.ts';
import { withoutMark } from '../../src/kit/json-slices.ts';
import { parseMediaType } from '../../src/kit/media-type.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';
import { elementsOf, type ReadRecords, sentType, wholeBody } from '../../src/kit/webhook-content.ts';

const structured = 'application/cloudevents+json';
const batched = 'application/cloudevents-batch+json';

/** Takes requests in structured, batched and binary mode apart. */
export const cloudEventRecords: ReadRecords = (request) => {
  const mediaType = sentType(request, '');
  const essence = parseMediaType(mediaType)?.essence;
  if (essence === batched) return elementsOf(request, structured, {}) ?? [wholeBody(request, mediaType)];
  if (essence === structured) return [{ ...wholeBody(request, mediaType), bytes: withoutMark(request.body) }];
  return [wholeBody(request, mediaType, { also: isAttributeHeader })];
};

function toEnvelope(record: RawRecord, context: RecordContext): Envelope {
  const what = recordName(context);
  const essence = parseMediaType(record.mediaType)?.essence ?? '';
  if (essence === structured) {
    requireUtf8(record.mediaType, what);
    return readStructured(record.bytes, what);
  }
  if (essence === batched)
    throw new BridgeError('RECORD_MALFORMED', `${what} is no JSON array of at most 10,000 events`);
  if (essence.startsWith('application/cloudevents') || !isBinaryMode(record.headers)) {
    const reason = `${what} is no CloudEvent: it is neither ${structured}, nor a batch of them, nor has it ce-specversion`;
    throw new BridgeError('CLOUDEVENT_INVALID', reason);
  }
  return readBinary(record, what);
}

/** Keeps the events of others as they are. */
export const cloudEventNormalise: Normalise = oneEach(toEnvelope);
