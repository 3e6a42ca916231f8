import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { type KafkaClientName, openBareKafka } from '../support/bare-kafka.ts';
import { bareLoop } from './bare-loop.ts';

/** The bare loop into Kafka: one producer, and each feed sends a batch as soon as it has one. */
const [baseUrl = '', bootstrap = '', topic = '', client = ''] = process.argv.slice(2);
const producer = await openBareKafka(client as KafkaClientName, bootstrap);
const keys = new Map(feedNames.map((feed) => [feed, Buffer.from(feed)]));

await bareLoop(baseUrl, (feed, notifications) => {
  const key = keys.get(feed) ?? Buffer.alloc(0);
  const messages = notifications.map((notification) => ({ key, value: Buffer.from(JSON.stringify(notification)) }));
  return producer.send(topic, messages);
});
