import { type Envelope, encodeStructured } from '../../core/envelope.ts';
import type { Mode } from './config.ts';

/** An event in the Kafka protocol binding of CloudEvents, but for its place. */
export interface Encoded {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Not to be changed: most events share one. */
  readonly headers: Map<Buffer, Buffer>;
}

const contentType = Buffer.from('content-type');
const structuredHeaders = new Map([[contentType, Buffer.from('application/cloudevents+json; charset=UTF-8')]]);

function binaryHeaders({ attributes }: Envelope): Map<Buffer, Buffer> {
  const headers = new Map<Buffer, Buffer>();
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined) continue;
    const header = name === 'datacontenttype' ? contentType : Buffer.from(`ce_${name}`);
    headers.set(header, Buffer.from(value));
  }
  return headers;
}

/** Equal envelopes give equal bytes. The key is the partition key. */
export function encode(envelope: Envelope, mode: Mode): Encoded {
  const key = Buffer.from(envelope.attributes.partitionkey);
  if (mode === 'structured') return { key, value: encodeStructured(envelope), headers: structuredHeaders };
  const { buffer, byteOffset, byteLength } = envelope.data.bytes;
  return { key, value: Buffer.from(buffer, byteOffset, byteLength), headers: binaryHeaders(envelope) };
}

const recordOverhead = 96;

/** What an event takes in a send, in bytes: a little more than most do, less where its attributes are not in ASCII. */
export function approximateSize({ attributes, data }: Envelope): number {
  let size = recordOverhead + Buffer.byteLength(attributes.partitionkey);
  size += data.kind === 'binary' ? Math.ceil(data.bytes.length / 3) * 4 : data.bytes.length;
  for (const name in attributes) size += name.length + (attributes[name]?.length ?? 0) + '"":"",'.length;
  return size;
}
