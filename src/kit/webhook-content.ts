import type { RawRecord } from '../core/record.ts';
import type { VerifiedRequest } from '../core/webhook.ts';
import { sliceArray, withoutMark } from './json-slices.ts';
import { parseMediaType } from './media-type.ts';
import { formField } from './webhook-form.ts';
import { type KeptMarks, keptMarks } from './webhook-marks.ts';

/** Takes a body apart, as `WebhookArrival.records` does: pure, never throws. */
export type ReadRecords = (request: VerifiedRequest) => readonly RawRecord[];

/** More in one array is one dead letter: each record costs memory, however short it is. */
export const maxElements = 10_000;

/** What the sender says that the body is; an unusual charset is kept, so that normalise can refuse it. */
export function sentType({ headers }: VerifiedRequest, otherwise: string): string {
  const written = headers['content-type'] ?? '';
  const parsed = parseMediaType(written);
  if (!parsed) return written === '' ? otherwise : 'application/octet-stream';
  return parsed.charset === undefined || parsed.charset === 'utf-8'
    ? parsed.essence
    : `${parsed.essence}; charset=${parsed.charset}`;
}

/** The whole body as one record, whatever it is. */
export function wholeBody(request: VerifiedRequest, mediaType: string, marks: KeptMarks = {}): RawRecord {
  const { body, receivedAt } = request;
  return { bytes: body, mediaType, headers: keptMarks(request, marks), receivedAt };
}

/** Each element of an array by itself, with `mediaType` of the elements; undefined where the body is not such an array. */
export function elementsOf(
  request: VerifiedRequest,
  mediaType: string,
  marks: KeptMarks,
): readonly RawRecord[] | undefined {
  const sliced = sliceArray(withoutMark(request.body));
  if (sliced.kind !== 'array' || sliced.elements.length > maxElements) return undefined;
  const { elements } = sliced;
  return elements.map((bytes, index) => ({
    bytes,
    mediaType,
    headers: keptMarks(request, marks, { index, of: elements.length }),
    receivedAt: request.receivedAt,
  }));
}

/** What JSON may be called; a sender that names nothing is believed to mean it. */
export const jsonTypes: readonly string[] = ['application/json', 'text/json', '*+json', ''];

/** JSON: an array is several records, anything else one. A body that is no JSON is one record too. */
export function jsonRecords(marks: KeptMarks = {}): ReadRecords {
  return (request) => {
    const mediaType = sentType(request, 'application/json');
    const elements = elementsOf(request, mediaType, marks);
    if (elements) return elements;
    return [{ ...wholeBody(request, mediaType, marks), bytes: withoutMark(request.body) }];
  };
}

/** A form, one field of which is the record, in JSON. Without that field the form itself is the record. */
export function formRecords(field: string, marks: KeptMarks = {}): ReadRecords {
  return (request) => {
    const bytes = formField(request.body, field);
    return bytes === undefined
      ? [wholeBody(request, sentType(request, formType), marks)]
      : [{ ...wholeBody(request, 'application/json', marks), bytes }];
  };
}

export const formType = 'application/x-www-form-urlencoded';
