import { randomUUID } from 'node:crypto';
import { patiently } from '../kafka/patiently.ts';
import type { StartedRabbitmq } from './started-rabbitmq.ts';

/** A message as the management API gives it. */
export interface ReadMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Buffer;
}

export function uniqueName(stem: string): string {
  return `${stem}-${randomUUID().slice(0, 8)}`;
}

/** One request to the management API, for the virtual host `/`. Rejects unless it succeeds. */
export async function manage(broker: StartedRabbitmq, method: string, path: string, body?: object): Promise<unknown> {
  const { management, username, password } = broker;
  const login = Buffer.from(`${username}:${password}`).toString('base64');
  const response = await fetch(`${management}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

export async function declareExchange(broker: StartedRabbitmq, name: string, type = 'topic'): Promise<void> {
  await manage(broker, 'PUT', `exchanges/%2F/${name}`, { type, durable: true });
}

export async function deleteExchange(broker: StartedRabbitmq, name: string): Promise<void> {
  await manage(broker, 'DELETE', `exchanges/%2F/${name}`);
}

/** A durable queue that takes all of the exchange with such routing keys. `settings`: its arguments. */
export async function bindQueue(
  broker: StartedRabbitmq,
  exchange: string,
  queue: string,
  { key = '#', settings = {} }: { readonly key?: string; readonly settings?: object } = {},
): Promise<void> {
  await manage(broker, 'PUT', `queues/%2F/${queue}`, { durable: true, arguments: settings });
  await manage(broker, 'POST', `bindings/%2F/e/${exchange}/q/${queue}`, { routing_key: key });
}

/** A quorum queue takes some milliseconds for each message, and many more on a busy disk. */
const portion = 200;

/** Takes out all that is in the queue, oldest first. In portions: the broker holds each as one JSON text. */
export async function drainQueue(broker: StartedRabbitmq, queue: string): Promise<readonly ReadMessage[]> {
  const request = { count: portion, ackmode: 'ack_requeue_false', encoding: 'base64' };
  const messages: ReadMessage[] = [];
  for (;;) {
    const found = await patiently(() => manage(broker, 'POST', `queues/%2F/${queue}/get`, request));
    const taken = (found as readonly RawMessage[]).map(toRead);
    messages.push(...taken);
    if (taken.length < portion) return messages;
  }
}

function toRead({ exchange, routing_key, properties, payload }: RawMessage): ReadMessage {
  const body = Buffer.from(payload, 'base64');
  return { exchange, routingKey: routing_key, properties, headers: properties.headers ?? {}, body };
}

interface RawMessage {
  readonly exchange: string;
  readonly routing_key: string;
  readonly properties: Readonly<Record<string, unknown>> & { readonly headers?: Readonly<Record<string, unknown>> };
  readonly payload: string;
}
