import { type KafkaClientName, openBareKafka } from '../support/bare-kafka.ts';
import { bareHooks } from './bare-hooks.ts';

/** The bare handler into Kafka, with one request on its way. */
const [port = '', signed = '', bootstrap = '', topic = '', client = ''] = process.argv.slice(2);
const producer = await openBareKafka(client as KafkaClientName, bootstrap);

await bareHooks(Number(port), signed === 'signed', (events) =>
  producer.send(
    topic,
    events.map(({ key, body }) => ({ key: Buffer.from(key), value: body })),
  ),
);
