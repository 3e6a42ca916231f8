import type { Claim } from '../../core/claims.ts';
import { type Envelope, encodeStructured, transportHeaders } from '../../core/envelope.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Order } from './order.ts';

/** One message, but for its queue. */
export interface Message {
  readonly body: string;
  /** All of them text. At most 10. */
  readonly attributes: Readonly<Record<string, string>>;
  /** As SQS counts: the body, and name, type and value of each attribute, in bytes. */
  readonly size: number;
  /** For FIFO queues only. */
  readonly order?: Order;
}

/** The most for one message, and for all of a request together, in bytes. */
export const maxBytes = 1_048_576;

/** The type of an attribute counts too. */
const dataType = 'String';

/** With the content type these are ten, the most that a message may have. They are there to be filtered by: the body has all. */
const shownAttributes = [
  'id',
  'source',
  'type',
  'subject',
  'time',
  'partitionkey',
  'correlationid',
  'causationid',
  'outcome',
] as const;

const mostAttributes = 10;

/** SQS takes the characters of XML 1.0 and no others. */
const refusedCharacter = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function attributesOf(envelope: Envelope): Record<string, string> {
  const { attributes } = envelope;
  const shown: Record<string, string> = { 'content-type': 'application/cloudevents+json; charset=UTF-8' };
  for (const name of shownAttributes) {
    const value = attributes[name];
    if (value !== undefined && !refusedCharacter.test(value)) shown[`ce_${name}`] = value;
  }
  // Where there is room left: an event that has all attributes has none.
  for (const [name, value] of transportHeaders(envelope)) {
    if (Object.keys(shown).length < mostAttributes) shown[name] = value;
  }
  return shown;
}

/** The event without its data, which are where `dataref` leads (the extension Dataref of CloudEvents). */
function encodeReference({ attributes }: Envelope, { ref, sha256, length }: Claim): Buffer {
  const reference = { dataref: ref, datasha256: sha256, datalength: String(length) };
  return Buffer.from(JSON.stringify({ ...attributes, ...reference }));
}

/**
 * Equal envelopes give equal messages. Throws EVENT_TOO_LARGE and EVENT_REFUSED for what SQS never takes. `order`: for a
 * FIFO queue. `claim`: the data are there, and not in the message. `most`: bytes for the message and its attributes.
 */
export function encode(envelope: Envelope, order?: Order, claim?: Claim, most = maxBytes): Message {
  const { id } = envelope.attributes;
  const bytes = claim ? encodeReference(envelope, claim) : encodeStructured(envelope);
  const attributes = attributesOf(envelope);
  let size = bytes.length;
  for (const name in attributes) {
    size += Buffer.byteLength(name) + dataType.length + Buffer.byteLength(attributes[name] ?? '');
  }
  if (size > most) {
    throw new BridgeError('EVENT_TOO_LARGE', `event ${id} takes ${size} bytes with its attributes`, {
      hint: `SQS takes ${maxBytes} bytes at most; that cannot be raised. Set \`claimCheck\` of the destination, or have the upstream send less.`,
    });
  }
  const body = bytes.toString();
  const refused = refusedCharacter.exec(body)?.[0].codePointAt(0);
  if (refused !== undefined) {
    const point = refused.toString(16).toUpperCase().padStart(4, '0');
    throw new BridgeError('EVENT_REFUSED', `event ${id} has the character U+${point}, which SQS does not take`, {
      hint: 'SQS takes the characters of XML 1.0 only. Have the upstream leave it out, or escape it.',
    });
  }
  return order ? { body, attributes, size, order } : { body, attributes, size };
}

const messageOverhead = 640;

/** What an event takes in a request, in bytes: a little more than most do. */
export function approximateSize({ attributes, data }: Envelope): number {
  let size = messageOverhead;
  size += data.kind === 'binary' ? Math.ceil(data.bytes.length / 3) * 4 : data.bytes.length;
  for (const name in attributes) size += name.length + 2 * (attributes[name]?.length ?? 0) + '"":"",'.length;
  return size;
}
