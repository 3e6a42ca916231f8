import { expect } from 'vitest';
import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import type { Delivery, Routed, Sink } from '../../../src/core/sink.ts';
import { kafkaSinkType } from '../../../src/sinks/kafka/index.ts';

/** The client libraries that there are, as `client` of a broker names them. */
export const clients = ['platformatic', 'kafkajs'] as const;

export const never = new AbortController().signal;
const feed = 'test/feed';

export interface SinkSettings {
  readonly broker?: object;
  readonly to?: object;
  readonly topic?: string;
}

/** The event's subject is its topic, so that one sink publishes to many. */
export async function openSink(bootstrap: string, settings: SinkSettings = {}): Promise<Sink> {
  const broker = { type: 'kafka', bootstrap: [bootstrap], confirmTimeout: '2s', ...settings.broker };
  const to = { broker: 'kafka', topic: settings.topic ?? '{subject}', ...settings.to };
  return kafkaSinkType.open(kafkaSinkType.broker.parse(broker), kafkaSinkType.destination.parse(to), {
    pipeline: 'test',
    brokerName: 'kafka',
    baseDir: '/',
  });
}

/** The library that reads what the client has written. */
export const readerFor = { platformatic: 'kafkajs', kafkajs: 'platformatic' } as const;

/** `openSink` with one of `clients`. */
export function openSinkWith(client: (typeof clients)[number]): typeof openSink {
  return (bootstrap, settings = {}) => openSink(bootstrap, { ...settings, broker: { client, ...settings.broker } });
}

let ids = 0;

export function event(topic: string, { key = 'key', bytes = 20 } = {}): Envelope {
  const data = JSON.stringify('x'.repeat(bytes));
  return createEnvelope(
    {
      specversion: '1.0',
      id: String(ids++),
      source: '/test',
      type: 'com.example.tested',
      subject: topic,
      datacontenttype: 'application/json',
      partitionkey: key,
    },
    { kind: 'json', bytes: Buffer.from(data) },
  );
}

export function publish(sink: Sink, envelopes: readonly Envelope[], signal = never): Promise<readonly Delivery[]> {
  return sink.publish(
    envelopes.map((envelope): Routed => sink.route(envelope, feed)),
    signal,
  );
}

export function summary(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) =>
    delivery.status === 'confirmed' ? 'confirmed' : `${delivery.status} ${delivery.error.code}`,
  );
}

/** As the pipeline does: until all is confirmed, from the first open event on. */
export async function publishAll(sink: Sink, envelopes: readonly Envelope[]): Promise<void> {
  await expect
    .poll(async () => summary(await publish(sink, envelopes)), { timeout: 30_000, interval: 50 })
    .toEqual(envelopes.map(() => 'confirmed'));
}

export function idOf({ value }: { value: Buffer }): string {
  return JSON.parse(value.toString()).id;
}
