import { digestId, sha256hex } from '../../src/core/digest.ts';
import { createEnvelope, type Envelope, type JobOutcome } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Normalise, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { attributeText } from '../../src/kit/attribute-text.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { oneEach } from '../../src/kit/outcomes.ts';
import { canonicalXml } from '../../src/kit/xml/canonical.ts';
import { parseXmlRecord } from '../../src/kit/xml/record.ts';
import { xmlToJson } from '../../src/kit/xml/to-json.ts';
import { fieldOf } from './notifications.ts';

export function wapiSource(account: string): string {
  return `/wapi/${encodeURIComponent(account)}`;
}

/** Of the whole job: 1001 is not its end, and only the other codes of 1xxx are good ones. */
function outcomeOf(code: string): JobOutcome {
  if (code === '1001') return 'pending';
  return /^1\d{3}$/.test(code) ? 'ok' : 'error';
}

/** Seconds since the epoch as RFC 3339; undefined where it is no such number. */
function timeOf(timestamp: string | undefined): string | undefined {
  if (timestamp === undefined || !/^\d{1,11}$/.test(timestamp)) return undefined;
  return new Date(Number(timestamp) * 1_000).toISOString().replace('.000Z', 'Z');
}

export interface WapiNormaliseSettings {
  readonly account: string;
  readonly typePrefix: string;
}

function nameOf({ index, batchId }: RecordContext): string {
  return batchId === undefined ? `notification ${index}` : `notification ${index} of batch ${batchId}`;
}

/**
 * Makes the pure function that turns notifications, each a `<notify>` of its own, into events; or answers, which have the
 * same fields in a `<response>`.
 */
export function wapiNormalise(
  { account, typePrefix }: WapiNormaliseSettings,
  root: 'notify' | 'response' = 'notify',
): Normalise {
  const source = wapiSource(account);

  function toEnvelope({ bytes }: RawRecord, context: RecordContext): Envelope {
    const what = nameOf(context);
    const notification = parseXmlRecord(bytes, what);
    const field = (name: string): string | undefined => {
      const text = fieldOf(notification, name);
      if (text === undefined || attributeText(text) !== undefined) return text;
      throw new BridgeError('RECORD_INVALID', `${what} has no usable ${name}: it has control characters`);
    };
    if (notification.name !== root) {
      throw new BridgeError('RECORD_INVALID', `${what} has no <${root}>, nor the fields of one in <data>`);
    }
    const code = field('code');
    if (code === undefined) throw new BridgeError('RECORD_INVALID', `${what} has no code`);
    const xml = canonicalXml(notification);
    const [svtrid, command, timestamp] = [field('svTRID'), field('command'), field('timestamp')];
    const named = ['wapi', account, svtrid ?? '', timestamp ?? '', command ?? '', code, sha256hex(Buffer.from(xml))];
    return createEnvelope(
      {
        specversion: '1.0',
        id: field('ID') ?? digestId(named),
        source,
        // What the upstream tells by itself answers no command.
        type: toEventType(typePrefix, command ?? `code-${code}`),
        subject: svtrid,
        time: timeOf(timestamp),
        datacontenttype: 'application/json',
        partitionkey: svtrid ?? source,
        correlationid: field('clTRID'),
        svtrid,
        outcome: outcomeOf(code),
      },
      {
        kind: 'json',
        bytes: Buffer.from(`{"${root}":${xmlToJson(notification)},"xml":${JSON.stringify(xml)}}`),
      },
    );
  }

  return oneEach(toEnvelope);
}
