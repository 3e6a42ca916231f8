import { rabbitmqSinkType } from '../../src/sinks/rabbitmq/index.ts';
import { isUnsupported, type SinkFixture, type StoredEvent } from '../conformance/sink/harness.ts';
import { sinkConformance } from '../conformance/sink.ts';
import { rabbitmqSuite, type UsedRabbitmq } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue, uniqueName } from '../support/rabbitmq/management.ts';
import { type Mode, toStored } from '../support/rabbitmq/stored-event.ts';

const deadlineMs = 1_500;
const modes = ['structured', 'binary'] as const;

async function openFixture({ broker: rabbitmq, own }: UsedRabbitmq, mode: Mode): Promise<SinkFixture> {
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
    outage: isUnsupported(own) ? own : { begin: own.freeze, end: async () => own.thaw() },
    crash: isUnsupported(own) ? own : { kill: own.kill9, restart: own.restart },
    oversize: isUnsupported(own) ? own : { bytes: 2 * 1024 ** 2 },
    missing: { open: () => open(`${exchange}-missing`), name: `${exchange}-missing` },
    ordered: true,
    async [Symbol.asyncDispose]() {
      if (!isUnsupported(own)) own.thaw();
      await sink[Symbol.asyncDispose]();
    },
  };
}

const suite = await rabbitmqSuite();

suite('the RabbitMQ sink', (used) => {
  for (const mode of modes) {
    sinkConformance({ name: `rabbitmq (${mode}, durable queue)`, open: () => openFixture(used, mode) });
  }
});
