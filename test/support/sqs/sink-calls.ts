import { randomUUID } from 'node:crypto';
import type { OpenClaims } from '../../../src/core/claims.ts';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import type { Delivery, Routed, Sink } from '../../../src/core/sink.ts';
import { sqsSinkType } from '../../../src/sinks/sqs/index.ts';

export const never = new AbortController().signal;

export function uniqueName(stem: string): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

/** `broker`: settings over the usual ones, which have fixed credentials. `to`: more than the queue. */
export function openSink(
  endpoint: string,
  queue: string,
  broker: object = {},
  { openClaims, ...to }: { readonly openClaims?: OpenClaims; readonly claimCheck?: object } = {},
): Promise<Sink> {
  const credentials = { accessKeyId: 'ferry', secretAccessKey: 'the-secret-key' };
  const settings = { type: 'sqs', region: 'eu-central-1', endpoint, credentials, confirmTimeout: '3s', ...broker };
  return sqsSinkType.open(
    sqsSinkType.broker.parse(settings),
    sqsSinkType.destination.parse({ broker: 'aws', queue, ...to }),
    {
      pipeline: 'test',
      brokerName: 'aws',
      baseDir: '/',
      openClaims,
    },
  );
}

let ids = 0;

export interface EventOptions {
  readonly id?: string;
  readonly key?: string;
  readonly data?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

export function event({ id = String(ids++), key = 'key', data = '{"n":1}', attributes }: EventOptions = {}): Envelope {
  return createEnvelope(
    {
      specversion: '1.0',
      id,
      source: '/test',
      type: 'com.example.tested',
      datacontenttype: 'application/json',
      partitionkey: key,
      ...attributes,
    },
    { kind: 'json', bytes: Buffer.from(data) },
  );
}

export function publish(sink: Sink, envelopes: readonly Envelope[], signal = never): Promise<readonly Delivery[]> {
  return sink.publish(
    envelopes.map((envelope): Routed => sink.route(envelope, 'test/feed')),
    signal,
  );
}

export function summary(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) =>
    delivery.status === 'confirmed' ? 'confirmed' : `${delivery.status} ${delivery.error.code}`,
  );
}
