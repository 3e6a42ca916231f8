import { digestId, sha256hex } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { readField, readOutcome, requireField } from '../../src/kit/event-fields.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { parseJsonObject } from '../../src/kit/exact-json.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import type { Os1Config } from './config.ts';

export function os1Source(account: string): string {
  return `/os1/${encodeURIComponent(account)}`;
}

/** Makes the pure function that turns callbacks into events. */
export function os1Normalise({
  account,
  fields,
  outcome,
  typePrefix,
}: Pick<Os1Config, 'account' | 'fields' | 'outcome' | 'typePrefix'>): Normalise {
  const source = os1Source(account);

  function toEnvelope({ bytes, mediaType }: RawRecord, context: RecordContext): Envelope {
    const what = recordName(context);
    const body = parseJsonObject(bytes, mediaType, what);
    const eventType = requireField('eventType', fields.eventType, body, what);
    const service = requireField('service', fields.service, body, what);
    const id = fields.id
      ? requireField('id', fields.id, body, what)
      : digestId(['os1', account, service, eventType, sha256hex(bytes)]);
    const time = readField(fields.time, body, what);
    return createEnvelope(
      {
        specversion: '1.0',
        id,
        source,
        type: toEventType(typePrefix, `${service}:${eventType}`),
        subject: readField(fields.subject, body, what),
        time: time !== undefined && isRfc3339(time) ? time : undefined,
        datacontenttype: 'application/json',
        partitionkey: readField(fields.partitionkey, body, what) ?? source,
        correlationid: readField(fields.correlationid, body, what),
        outcome: readOutcome(outcome, body, what),
      },
      { kind: 'json', bytes },
    );
  }

  return oneEach(toEnvelope);
}
