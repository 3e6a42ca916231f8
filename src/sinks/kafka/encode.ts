import { type Envelope, encodeStructured, transportHeaders } from '../../core/envelope.ts';
import type { Mode } from './config.ts';

/** An event in the Kafka protocol binding of CloudEvents, but for its place. */
export interface Encoded {
  readonly key: Buffer;
  readonly value: Buffer;
  /** Not to be changed: most events share one. */
  readonly headers: Map<Buffer, Buffer>;
}

const contentType = Buffer.from('content-type');
const transportNames = new Map(['feedferry-received', 'traceparent'].map((name) => [name, Buffer.from(name)]));
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

function withTransport(headers: Map<Buffer, Buffer>, envelope: Envelope): Map<Buffer, Buffer> {
  const more = transportHeaders(envelope);
  if (more.length === 0) return headers;
  const all = new Map(headers);
  for (const [name, value] of more) all.set(transportNames.get(name) ?? Buffer.from(name), Buffer.from(value));
  return all;
}

/** Equal envelopes give equal bytes. The key is the partition key. */
export function encode(envelope: Envelope, mode: Mode): Encoded {
  const key = Buffer.from(envelope.attributes.partitionkey);
  if (mode === 'structured') {
    return { key, value: encodeStructured(envelope), headers: withTransport(structuredHeaders, envelope) };
  }
  const { buffer, byteOffset, byteLength } = envelope.data.bytes;
  const headers = withTransport(binaryHeaders(envelope), envelope);
  return { key, value: Buffer.from(buffer, byteOffset, byteLength), headers };
}

const recordOverhead = 96;

function transportSize({ transport }: Envelope): number {
  return transport === undefined ? 0 : 128;
}

/** What an event takes in a send, in bytes: a little more than most do, less where its attributes are not in ASCII. */
export function approximateSize(envelope: Envelope): number {
  const { attributes, data } = envelope;
  let size = recordOverhead + transportSize(envelope) + Buffer.byteLength(attributes.partitionkey);
  size += data.kind === 'binary' ? Math.ceil(data.bytes.length / 3) * 4 : data.bytes.length;
  for (const name in attributes) size += name.length + (attributes[name]?.length ?? 0) + '"":"",'.length;
  return size;
}
