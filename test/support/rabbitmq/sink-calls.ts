import { createEnvelope, type Envelope } from '../../../src/core/envelope.ts';
import type { Delivery, Routed, Sink } from '../../../src/core/sink.ts';
import { rabbitmqSinkType } from '../../../src/sinks/rabbitmq/index.ts';

/** Where a sink of a test publishes, and how. */
export interface SinkSettings {
  readonly broker?: object;
  readonly to?: object;
}

/** The event's subject is its exchange, its type the routing key. */
export async function openSink(url: string | readonly string[], settings: SinkSettings = {}): Promise<Sink> {
  const login = { username: 'guest', password: 'guest' };
  const broker = { type: 'rabbitmq', url, ...login, confirmTimeout: '2s', connectTimeout: '1s', ...settings.broker };
  const to = { broker: 'rabbitmq', exchange: '{subject}', routingKey: '{type}', ...settings.to };
  return await rabbitmqSinkType.open(rabbitmqSinkType.broker.parse(broker), rabbitmqSinkType.destination.parse(to), {
    pipeline: 'test',
    brokerName: 'rabbitmq',
    baseDir: '/',
  });
}

let ids = 0;

export function event(
  exchange: string,
  { key = 'key', type = 'tested', bytes = 20, id = String(ids++) } = {},
): Envelope {
  const data = JSON.stringify('x'.repeat(bytes));
  return createEnvelope(
    {
      specversion: '1.0',
      id,
      source: '/test',
      type,
      subject: exchange,
      datacontenttype: 'application/json',
      partitionkey: key,
    },
    { kind: 'json', bytes: Buffer.from(data) },
  );
}

export function routed(sink: Sink, envelopes: readonly Envelope[]): readonly Routed[] {
  return envelopes.map((envelope) => sink.route(envelope, 'test/feed'));
}

const never = new AbortController().signal;

export function publish(sink: Sink, items: readonly Routed[]): Promise<readonly Delivery[]> {
  return sink.publish(items, never);
}

export function summary(deliveries: readonly Delivery[]): string[] {
  return deliveries.map((delivery) =>
    delivery.status === 'confirmed' ? 'confirmed' : `${delivery.status} ${delivery.error.code}`,
  );
}
