import { digestId, sha256hex } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { streamEventMark, streamIdMark } from '../../src/core/stream.ts';
import { readField, readOutcome, requireField } from '../../src/kit/event-fields.ts';
import { parseExactJson } from '../../src/kit/exact-json.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { recordName } from '../../src/kit/record-name.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import { decodeUtf8 } from '../../src/kit/utf8.ts';
import type { SseConfig } from './config.ts';

export function sseSource(account: string): string {
  return `/sse/${encodeURIComponent(account)}`;
}

/** Makes the pure function that turns what streams bring into events, by expressions. */
export function sseNormalise({ account, content, event }: Pick<SseConfig, 'account' | 'content' | 'event'>): Normalise {
  const source = sseSource(account);
  const { id } = event;

  function toEnvelope({ bytes, headers }: RawRecord, context: RecordContext): Envelope {
    const what = recordName(context);
    const isJson = content === 'json';
    const body = isJson ? parseExactJson(bytes, what) : decodeUtf8(bytes, what);
    // What has no name is called so by the standard.
    const scope = { body, event: headers[streamEventMark] ?? 'message', id: headers[streamIdMark] };
    const time = readField(event.time, scope, what);
    return createEnvelope(
      {
        specversion: '1.0',
        id: 'digest' in id ? digestId(['sse', account, sha256hex(bytes)]) : requireField('id', id, scope, what),
        source,
        type: requireField('type', event.type, scope, what),
        subject: readField(event.subject, scope, what),
        time: time !== undefined && isRfc3339(time) ? time : undefined,
        datacontenttype: isJson ? 'application/json' : 'text/plain',
        dataschema: readField(event.dataschema, scope, what),
        partitionkey: readField(event.partitionkey, scope, what) ?? source,
        correlationid: readField(event.correlationid, scope, what),
        causationid: readField(event.causationid, scope, what),
        outcome: event.outcome && readOutcome(event.outcome, scope, what),
      },
      { kind: isJson ? 'json' : 'binary', bytes },
    );
  }

  return oneEach(toEnvelope);
}
