import { compatibilityPartitioner, ProduceAcks, Producer } from '@platformatic/kafka';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { BareClient, BareRecord } from './bare-client.ts';

/** The client libraries that the bridge can be told to use. */
export type KafkaClientName = 'platformatic' | 'kafkajs';

/** Kafka's Java client spreads keys like both of them, and like the bridge: all have the same partitions to write to. */
export async function openBareKafka(client: KafkaClientName, bootstrap: string): Promise<BareClient<BareRecord>> {
  switch (client) {
    case 'platformatic':
      return openPlatformatic(bootstrap);
    case 'kafkajs':
      return openKafkajs(bootstrap);
  }
}

function openPlatformatic(bootstrap: string): BareClient<BareRecord> {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>({
    clientId: 'bare',
    bootstrapBrokers: [bootstrap],
    idempotent: true,
    acks: ProduceAcks.ALL,
    partitioner: compatibilityPartitioner,
  });
  return {
    async send(topic, messages) {
      await producer.send({ messages: messages.map(({ key, value }) => ({ topic, key, value })) });
    },
    [Symbol.asyncDispose]: () => producer.close(),
  };
}

/** Not idempotent: with this library that can lose what was confirmed. */
async function openKafkajs(bootstrap: string): Promise<BareClient<BareRecord>> {
  const kafka = new Kafka({ clientId: 'bare', brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return {
    async send(topic, messages) {
      await producer.send({ topic, acks: -1, messages: [...messages] });
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}
