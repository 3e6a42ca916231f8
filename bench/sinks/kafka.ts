import { Kafka, logLevel } from 'kafkajs';
import { kafkaSinkType } from '../../src/sinks/kafka/index.ts';
import { createTopic, deleteTopic } from '../../test/support/kafka/topics.ts';
import { type KafkaClientName, openBareKafka } from '../support/bare-kafka.ts';
import { startBenchBroker } from '../support/kafka-broker.ts';
import type { SinkSubject } from './sink-subject.ts';

const partitions = 6;

export async function openKafkaSubject(client: KafkaClientName): Promise<SinkSubject> {
  const broker = await startBenchBroker();
  const { bootstrap } = broker;
  const choice = client === 'platformatic' ? {} : { client };
  return {
    name: client === 'platformatic' ? 'sinks-kafka' : `sinks-kafka-${client}`,
    best: { messages: 800, requests: 4 },
    notes: [],
    createDestination: () => createTopic(bootstrap, 'bench', { partitions }),
    openSink(topic) {
      const settings = kafkaSinkType.broker.parse({ type: 'kafka', bootstrap: [bootstrap], ...choice });
      const to = kafkaSinkType.destination.parse({ broker: 'kafka', topic });
      return kafkaSinkType.open(settings, to, { pipeline: 'bench', brokerName: 'kafka', baseDir: '/' });
    },
    openBare: () => openBareKafka(client, bootstrap),
    async count(topic) {
      const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const offsets = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect());
      return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    },
    deleteDestination: (topic) => deleteTopic(bootstrap, topic),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
