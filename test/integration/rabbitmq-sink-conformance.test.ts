import { rabbitmqSinkType } from '../../src/sinks/rabbitmq/index.ts';
import type { SinkFixture, StoredEvent } from '../conformance/sink/harness.ts';
import { sinkConformance } from '../conformance/sink.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import {
  bindQueue,
  declareExchange,
  drainQueue,
  type ReadMessage,
  uniqueName,
} from '../support/rabbitmq/management.ts';
import type { OwnRabbitmq } from '../support/rabbitmq/native-broker.ts';

const deadlineMs = 1_500;
const modes = ['structured', 'binary'] as const;
type Mode = (typeof modes)[number];

/** The data of a structured event as it stands in its bytes: it comes last, and nothing before it reads the same. */
function dataOf(body: Buffer, event: { data_base64?: string }): Uint8Array {
  if (event.data_base64 !== undefined) return Buffer.from(event.data_base64, 'base64');
  const member = Buffer.from(',"data":');
  return body.subarray(body.indexOf(member) + member.length, -1);
}

function toStored({ exchange, routingKey, properties, headers, body }: ReadMessage, mode: Mode): StoredEvent {
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

async function openFixture(rabbitmq: OwnRabbitmq, mode: Mode): Promise<SinkFixture> {
  const { url, username, password } = rabbitmq;
  const exchange = uniqueName('conformance');
  await declareExchange(rabbitmq, exchange);
  await bindQueue(rabbitmq, exchange, exchange);
  const broker = rabbitmqSinkType.broker.parse({
    type: 'rabbitmq',
    url,
    username,
    password,
    connectTimeout: '1s',
    confirmTimeout: `${deadlineMs}ms`,
  });
  const open = (name: string) =>
    rabbitmqSinkType.open(
      broker,
      rabbitmqSinkType.destination.parse({ broker: 'rabbitmq', exchange: name, routingKey: '{feed}.{type}', mode }),
      { pipeline: 'conformance', brokerName: 'rabbitmq', baseDir: '/' },
    );
  const sink = await open(exchange);
  const stored: StoredEvent[] = [];
  return {
    sink,
    feeds: ['conformance/first', 'conformance/second'],
    deadlineMs,
    async read() {
      stored.push(...(await drainQueue(rabbitmq, exchange)).map((message) => toStored(message, mode)));
      return stored;
    },
    outage: { begin: rabbitmq.freeze, end: async () => rabbitmq.thaw() },
    crash: { kill: rabbitmq.kill9, restart: rabbitmq.restart },
    oversize: { bytes: 2 * 1024 ** 2 },
    missing: { open: () => open(`${exchange}-missing`), name: `${exchange}-missing` },
    ordered: true,
    async [Symbol.asyncDispose]() {
      rabbitmq.thaw();
      await sink[Symbol.asyncDispose]();
    },
  };
}

const suite = await ownRabbitmqSuite();

suite('the RabbitMQ sink', (rabbitmq) => {
  for (const mode of modes) {
    sinkConformance({ name: `rabbitmq (${mode}, durable queue)`, open: () => openFixture(rabbitmq, mode) });
  }
});
