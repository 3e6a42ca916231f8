import type { StoredEvent } from '../../conformance/sink/harness.ts';
import type { ReadMessage } from './management.ts';

/** How the sink writes events. */
export type Mode = 'structured' | 'binary';

/** The data of a structured event as it stands in its bytes: it comes last, and nothing before it reads the same. */
function dataOf(body: Buffer, event: { data_base64?: string }): Uint8Array {
  if (event.data_base64 !== undefined) return Buffer.from(event.data_base64, 'base64');
  const member = Buffer.from(',"data":');
  return body.subarray(body.indexOf(member) + member.length, -1);
}

/** What a consumer finds; the number of the sending, which is new with each, is none of the event. */
export function toStored({ exchange, routingKey, properties, headers, body }: ReadMessage, mode: Mode): StoredEvent {
  const messageId = String(properties['message_id']);
  const { 'feedferry-seq': _, ...stable } = headers;
  return {
    id: messageId,
    partitionkey: String(headers['partitionkey']),
    bytes: Buffer.concat([Buffer.from(JSON.stringify([{ ...properties, headers: stable }])), body]),
    data: mode === 'binary' ? body : dataOf(body, JSON.parse(body.toString())),
    receipt: { exchange, routingKey, messageId },
  };
}
