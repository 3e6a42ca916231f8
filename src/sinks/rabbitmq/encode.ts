import { type Envelope, encodeStructured, transportHeaders } from '../../core/envelope.ts';
import type { RabbitmqDestination } from './config.ts';

type Form = Pick<RabbitmqDestination, 'mode' | 'headerPrefix'>;

/** An event as an AMQP 0.9.1 message, but for its place. Equal envelopes give equal messages. */
export interface Message {
  readonly content: Buffer;
  readonly properties: Properties;
}

/** Named as the client library names them. */
export interface Properties {
  readonly contentType: string;
  readonly messageId: string;
  readonly type: string;
  readonly correlationId?: string;
  /** Whole seconds since 1970. */
  readonly timestamp?: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** The header that carries the partition key in both modes: exchanges that hash can be told to go by it. */
const keyHeader = 'partitionkey';

function headersOf(envelope: Envelope, { mode, headerPrefix }: Form): Record<string, string> {
  const { attributes } = envelope;
  const headers: Record<string, string> = {
    [keyHeader]: attributes.partitionkey,
    ...Object.fromEntries(transportHeaders(envelope)),
  };
  if (mode === 'structured') return headers;
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined && name !== 'datacontenttype') headers[`${headerPrefix}${name}`] = value;
  }
  return headers;
}

export function encode(envelope: Envelope, form: Form): Message {
  const { attributes, data } = envelope;
  const seconds = Math.floor(Date.parse(attributes.time ?? '') / 1_000);
  const structured = form.mode === 'structured';
  const { buffer, byteOffset, byteLength } = data.bytes;
  return {
    content: structured ? encodeStructured(envelope) : Buffer.from(buffer, byteOffset, byteLength),
    properties: {
      contentType: structured ? 'application/cloudevents+json' : attributes.datacontenttype,
      messageId: attributes.id,
      type: attributes.type,
      ...(attributes.correlationid !== undefined && { correlationId: attributes.correlationid }),
      // AMQP knows no time before 1970.
      ...(seconds >= 0 && { timestamp: seconds }),
      headers: headersOf(envelope, form),
    },
  };
}

const overhead = 128;

/** What an event takes on the wire, in bytes, roughly. */
export function approximateSize({ attributes, data }: Envelope): number {
  let size = overhead + (data.kind === 'binary' ? Math.ceil(data.bytes.length / 3) * 4 : data.bytes.length);
  for (const name in attributes) size += name.length + (attributes[name]?.length ?? 0) + '"":"",'.length;
  return size;
}
