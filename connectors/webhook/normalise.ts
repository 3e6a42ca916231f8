import { digestId, sha256hex } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { readField, readOutcome, requireField } from '../../src/kit/event-fields.ts';
import type { EventSettings } from '../../src/kit/event-settings.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import { type Place, readMarks } from '../../src/kit/webhook-marks.ts';
import { readBody } from './body.ts';
import type { Content } from './content.ts';

export interface NormaliseSettings {
  readonly account: string;
  readonly source: string;
  readonly content: Content;
  readonly event: EventSettings;
}

/** Makes the pure function that turns records of any kind into events, by expressions. */
export function webhookNormalise({ account, source, content, event }: NormaliseSettings): Normalise {
  const { id } = event;
  const tellsElements = 'digest' in id || id.reads('body').length > 0 || id.reads('index').length > 0;

  function idOf(record: RawRecord, place: Place | undefined, scope: unknown, what: string): string {
    if ('digest' in id) return digestId(['webhook', account, sha256hex(record.bytes)]);
    if (!tellsElements && place !== undefined && place.of > 1) {
      const reason = `${what} has no id of its own: ${id.text} is the same for all ${place.of} elements of its array`;
      throw new BridgeError('RECORD_WITHOUT_ID', reason, { hint: 'Let `event.id` read the body, or `index`.' });
    }
    return requireField('id', id, scope, what);
  }

  function toEnvelope(record: RawRecord, context: RecordContext): Envelope {
    const what = recordName(context);
    const { body, data, contentType } = readBody(content, record, what);
    const { headers, query, method, place } = readMarks(record.headers);
    const scope = { headers, query, method, index: place?.index ?? 0, body };
    const time = readField(event.time, scope, what);
    return createEnvelope(
      {
        specversion: '1.0',
        id: idOf(record, place, scope, what),
        source,
        type: requireField('type', event.type, scope, what),
        subject: readField(event.subject, scope, what),
        time: time !== undefined && isRfc3339(time) ? time : undefined,
        datacontenttype: contentType,
        dataschema: readField(event.dataschema, scope, what),
        partitionkey: readField(event.partitionkey, scope, what) ?? source,
        correlationid: readField(event.correlationid, scope, what),
        causationid: readField(event.causationid, scope, what),
        outcome: event.outcome && readOutcome(event.outcome, scope, what),
      },
      data,
    );
  }

  return oneEach(toEnvelope);
}
