import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startFenergoSimulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { startConfigured } from '../support/configured-daemon.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { createTopics } from '../support/kafka/topics.ts';
import { ownRabbitmqSuite } from '../support/rabbitmq/acquire.ts';
import { bindQueue, declareExchange, drainQueue as drainRabbitmq } from '../support/rabbitmq/management.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import { createQueue, drainQueue as drainSqs } from '../support/sqs/protocol.ts';
import { createWorkplace } from '../support/workplace.ts';

const eventsPerFeed = 20;
const secret = 'the-secret';
const timeout = 60_000;

/** Runs an annotated example as it stands, but for addresses, the broker's login, and where its state is. */
async function carry(file: string, broker: Readonly<Record<string, unknown>>): Promise<void> {
  await using resources = new AsyncDisposableStack();
  const workplace = resources.use(await createWorkplace());
  const simulator = resources.use(
    await startFenergoSimulator({
      auth: { kind: 'oauth2', clientId: 'feedferry', clientSecret: secret },
      fill: feedNames.map((feed) => ({ feed, events: eventsPerFeed })),
    }),
  );
  const document = parseDocument(readFileSync(join(import.meta.dirname, '../../config', file), 'utf8'));
  const brokerName = String(document.getIn(['pipelines', 'fenergo', 'to', 'broker']));
  for (const [name, value] of Object.entries(broker)) {
    if (value === undefined) document.deleteIn(['brokers', brokerName, name]);
    else document.setIn(['brokers', brokerName, name], value);
  }
  document.setIn(['pipelines', 'fenergo', 'from', 'baseUrl'], simulator.baseUrl);
  document.setIn(['pipelines', 'fenergo', 'from', 'auth', 'oauth2', 'tokenUrl'], simulator.tokenUrl);
  document.setIn(['state', 'dir'], join(workplace.path, 'state'));
  document.set('listen', { health: '127.0.0.1:0', admin: '127.0.0.1:0' });
  const files = { '/run/secrets/fenergo': secret, '/run/secrets/kafka': secret, '/run/secrets/rabbit': 'guest' };
  await startConfigured(
    { file: join(workplace.path, 'feedferry.yaml'), text: String(document), sinkTypes, files },
    resources,
  );
  expect(await simulator.drained(30_000)).toBe(true);
}

const perFeed = Object.fromEntries(feedNames.map((feed) => [feed, eventsPerFeed]));

const kafkaSuite = await ownKafkaSuite();
kafkaSuite('config/fenergo-kafka.yaml', ({ bootstrap }) => {
  test('carries every feed into its topic', { timeout }, async () => {
    await createTopics(
      bootstrap,
      feedNames.map((feed) => `fenergo.${feed}`),
    );
    await carry('fenergo-kafka.yaml', { bootstrap: [bootstrap], tls: undefined, sasl: undefined });
    const counts = feedNames.map(async (feed) => [feed, (await readTopic(bootstrap, `fenergo.${feed}`)).length]);
    expect(Object.fromEntries(await Promise.all(counts))).toEqual(perFeed);
  });
});

const rabbitmqSuite = await ownRabbitmqSuite();
rabbitmqSuite('config/fenergo-rabbitmq.yaml', (rabbitmq) => {
  test('carries every event into the queue that is bound to the exchange', { timeout }, async () => {
    await declareExchange(rabbitmq, 'fenergo');
    await bindQueue(rabbitmq, 'fenergo', 'all', { settings: { 'x-queue-type': 'quorum' } });
    await carry('fenergo-rabbitmq.yaml', { url: rabbitmq.url, username: 'guest' });
    const messages = await drainRabbitmq(rabbitmq, 'all');
    expect(messages).toHaveLength(eventsPerFeed * feedNames.length);
    for (const { routingKey, properties } of messages) expect(routingKey).toBe(properties['type']);
  });
});

const sqsSuite = await ownSqsSuite();
sqsSuite('config/fenergo-sqs.yaml', ({ endpoint }) => {
  test('carries every feed into its FIFO queue', { timeout }, async () => {
    const queues = feedNames.map(async (feed) => [feed, await createQueue(endpoint, `fenergo-${feed}.fifo`)] as const);
    const urls = await Promise.all(queues);
    await carry('fenergo-sqs.yaml', { endpoint, credentials: { accessKeyId: 'ferry', secretAccessKey: secret } });
    const counts = urls.map(async ([feed, url]) => [feed, (await drainSqs(endpoint, url)).length]);
    expect(Object.fromEntries(await Promise.all(counts))).toEqual(perFeed);
  });
});
