import { digestId } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { readField, requireField } from '../../src/kit/event-fields.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { parseJsonObject } from '../../src/kit/exact-json.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import type { AsyncSessionConfig } from './config.ts';
import { outcomeOf } from './status.ts';

export function sessionSource(account: string): string {
  return `/async-session/${encodeURIComponent(account)}`;
}

/** Makes the pure function that turns what is said of sessions into events. */
export function sessionNormalise({
  account,
  fields,
  typePrefix,
}: Pick<AsyncSessionConfig, 'account' | 'fields' | 'typePrefix'>): Normalise {
  const source = sessionSource(account);

  function toEnvelope({ bytes, mediaType }: RawRecord, context: RecordContext): Envelope {
    const what = recordName(context);
    const body = parseJsonObject(bytes, mediaType, what);
    const sessionId = requireField('sessionId', fields.sessionId, body, what);
    const status = requireField('status', fields.status, body, what);
    const time = readField(fields.time, body, what);
    return createEnvelope(
      {
        specversion: '1.0',
        id: digestId(['async-session', account, sessionId, status]),
        source,
        type: toEventType(typePrefix, status),
        subject: sessionId,
        time: time !== undefined && isRfc3339(time) ? time : undefined,
        datacontenttype: 'application/json',
        partitionkey: sessionId,
        correlationid: readField(fields.correlationid, body, what),
        outcome: outcomeOf(status),
      },
      { kind: 'json', bytes },
    );
  }

  return oneEach(toEnvelope);
}
