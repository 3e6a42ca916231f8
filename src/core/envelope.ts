/** What an event says of the whole job it belongs to, not of its own delivery. */
export type JobOutcome = 'ok' | 'error' | 'pending';

/**
 * CloudEvents 1.0 context attributes, extensions included. Names match `[a-z0-9]{1,20}`; an absent value is an
 * absent attribute, never `null` or `""`. `id` is derived from the record, never generated; consumers de-duplicate on
 * (`source`, `id`). `partitionkey` decides order, partition, message group and parking alike.
 */
export interface Attributes {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string | undefined;
  /** RFC 3339, as the record spells it; only when the record carries one. */
  readonly time?: string | undefined;
  readonly datacontenttype: string;
  readonly dataschema?: string | undefined;
  readonly partitionkey: string;
  readonly correlationid?: string | undefined;
  readonly causationid?: string | undefined;
  readonly outcome?: JobOutcome | undefined;
  readonly [extension: string]: string | undefined;
}

/** `json`: bytes that are one valid JSON value in UTF-8, spliced verbatim into the event. `binary`: becomes `data_base64`. */
export type EventData =
  | { readonly kind: 'json'; readonly bytes: Uint8Array }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

/** How an event came: when (RFC 3339), and the trace it belongs to. Not a part of it: a repeat may have come otherwise. */
export interface Transport {
  readonly received?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** A CloudEvents 1.0 event. */
export interface Envelope {
  readonly attributes: Attributes;
  readonly data: EventData;
  /** For headers of messages, and never for their bodies. */
  readonly transport?: Transport;
}

/** Headers, beside those of the event, of a message that carries it: name and value of each. */
export function transportHeaders({ transport }: Envelope): readonly (readonly [string, string])[] {
  if (transport === undefined) return [];
  const { received, traceparent } = transport;
  return [
    ...(received === undefined ? [] : [['feedferry-received', received] as const]),
    ...(traceparent === undefined ? [] : [['traceparent', traceparent] as const]),
  ];
}

/** Leaves out what is absent, so that equal events have equal attributes. */
export function createEnvelope(attributes: Attributes, data: EventData): Envelope {
  const present: Record<string, string> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined && value !== '') present[name] = value;
  }
  return { attributes: present as unknown as Attributes, data };
}

const dataMember = Buffer.from(',"data":');
const closingBrace = 0x7d;

/** The structured mode of CloudEvents (`application/cloudevents+json`): equal envelopes give equal bytes. */
export function encodeStructured({ attributes, data }: Envelope): Buffer {
  if (data.kind === 'binary') {
    return Buffer.from(JSON.stringify({ ...attributes, data_base64: Buffer.from(data.bytes).toString('base64') }));
  }
  const head = JSON.stringify(attributes);
  // The closing brace of the head makes room for that of the whole.
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(head) + dataMember.length + data.bytes.length);
  const end = bytes.write(head) - 1;
  bytes.set(dataMember, end);
  bytes.set(data.bytes, end + dataMember.length);
  bytes[bytes.length - 1] = closingBrace;
  return bytes;
}
