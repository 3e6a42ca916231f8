import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import { BridgeError, toBridgeError } from '../../src/core/errors.ts';
import type { Normalise, Outcome, RecordContext } from '../../src/core/normalise.ts';
import type { RawRecord } from '../../src/core/record.ts';
import { attributeText } from '../../src/kit/attribute-text.ts';
import { toEventType } from '../../src/kit/event-type.ts';
import { compileGlobs } from '../../src/kit/glob.ts';
import { parseJsonRecord } from '../../src/kit/json-record.ts';
import { isRfc3339 } from '../../src/kit/rfc3339.ts';
import type { FenergoConfig } from './config.ts';
import type { FenergoFeed } from './feeds.ts';
import type { Notification } from './payload.ts';
import { feedSource, tenantHeader } from './tenant.ts';

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** What of the configuration normalise depends on. */
export type NormaliseSettings = Pick<FenergoConfig, 'delivery' | 'eventTypes' | 'partitionBy' | 'typePrefix'> & {
  readonly feed: FenergoFeed;
  /** Stands in `source` for records that neither name a tenant themselves nor come in a batch that does. */
  readonly owner: string;
  /** The configured tenant, for the same records. */
  readonly tenant: string | undefined;
};

function nameOf({ index, batchId }: RecordContext): string {
  return batchId === undefined ? `notification ${index}` : `notification ${index} of batch ${batchId}`;
}

function requireText(value: unknown, what: string, field: string): string {
  const text = attributeText(value);
  if (text !== undefined) return text;
  throw new BridgeError('RECORD_INVALID', `${what} has no usable ${field}: expected text without control characters`);
}

function requireId(value: unknown, what: string): string {
  if (typeof value !== 'string' || value === '') throw new BridgeError('RECORD_WITHOUT_ID', `${what} has no id`);
  return requireText(value, what, 'id');
}

/** The same function, for arguments that seldom change. */
function rememberLast<Argument, Result>(of: (argument: Argument) => Result): (argument: Argument) => Result {
  let last: { readonly argument: Argument; readonly result: Result } | undefined;
  return (argument) => {
    if (!last || last.argument !== argument) last = { argument, result: of(argument) };
    return last.result;
  };
}

/** Makes the pure function that turns a feed's notifications into events. */
export function fenergoNormalise(settings: NormaliseSettings): Normalise {
  const { feed, owner, partitionBy, typePrefix } = settings;
  const isWanted = compileGlobs(settings.eventTypes);
  const all = settings.eventTypes.includes('*');
  const sourceOf = rememberLast((tenant: string | undefined) => feedSource(tenant ?? owner, feed));

  function toEnvelope(record: RawRecord, notification: Notification, context: RecordContext): Envelope {
    const what = nameOf(context);
    const id = requireId(notification.id, what);
    const eventType = requireText(notification.eventType, what, 'eventType');
    const tenant =
      attributeText(notification.tenantId) ?? attributeText(record.headers[tenantHeader]) ?? settings.tenant;
    const subject = attributeText(notification.relativeUrl);
    const { when } = notification;
    const source = sourceOf(tenant);
    return createEnvelope(
      {
        specversion: '1.0',
        id,
        source,
        type: toEventType(typePrefix, eventType),
        subject,
        time: typeof when === 'string' && isRfc3339(when) ? when : undefined,
        datacontenttype: 'application/json',
        partitionkey: partitionBy === 'feed' ? feed : (uuid.exec(subject ?? '')?.[0].toLowerCase() ?? source),
        correlationid: attributeText(notification.correlationId),
        causationid: attributeText(notification.causationId),
        tenantid: tenant,
        // A webhook has none: with it the same notification would not be the same event by either way.
        batchid: settings.delivery === 'poll' ? attributeText(context.batchId) : undefined,
      },
      { kind: 'json', bytes: record.bytes },
    );
  }

  function toOutcome(record: RawRecord, context: RecordContext): Outcome {
    const notification: Notification = parseJsonRecord(record.bytes, nameOf(context));
    const { eventType } = notification;
    if (!all && typeof eventType === 'string' && !isWanted(eventType)) return { kind: 'filtered', step: 'eventTypes' };
    return { kind: 'event', envelope: toEnvelope(record, notification, context) };
  }

  return (record, context) => {
    try {
      return [toOutcome(record, context)];
    } catch (error) {
      return [{ kind: 'poison', error: toBridgeError(error) }];
    }
  };
}
