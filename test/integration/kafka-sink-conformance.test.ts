import { kafkaSinkType } from '../../src/sinks/kafka/index.ts';
import type { SinkFixture, StoredEvent } from '../conformance/sink/harness.ts';
import { sinkConformance } from '../conformance/sink.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { type ReadRecord, readTopic } from '../support/kafka/read-topic.ts';
import { clients, readerFor } from '../support/kafka/sink-calls.ts';
import { createTopics, uniqueName } from '../support/kafka/topics.ts';

const deadlineMs = 1_500;

/** The data of a structured event as it stands in its bytes: it comes last, and nothing before it reads the same. */
function dataOf(value: Buffer, event: { data_base64?: string }): Uint8Array {
  if (event.data_base64 !== undefined) return Buffer.from(event.data_base64, 'base64');
  const member = Buffer.from(',"data":');
  return value.subarray(value.indexOf(member) + member.length, -1);
}

function toStored(topic: string, { partition, offset, key, value }: ReadRecord): StoredEvent {
  const event = JSON.parse(value.toString());
  return {
    id: event.id,
    partitionkey: key ?? '',
    bytes: value,
    data: dataOf(value, event),
    receipt: { topic, partition, offset },
  };
}

async function openFixture(kafka: OwnKafka, client: (typeof clients)[number]): Promise<SinkFixture> {
  const { bootstrap } = kafka;
  const stem = uniqueName('conformance');
  const topics = [`${stem}.first`, `${stem}.second`];
  await createTopics(bootstrap, topics, { partitions: 3 });
  const broker = kafkaSinkType.broker.parse({
    type: 'kafka',
    client,
    bootstrap: [bootstrap],
    confirmTimeout: `${deadlineMs}ms`,
  });
  const open = (topic: string) =>
    kafkaSinkType.open(broker, kafkaSinkType.destination.parse({ broker: 'kafka', topic }), {
      pipeline: 'conformance',
      brokerName: 'kafka',
      baseDir: '/',
    });
  const sink = await open(`${stem}.{feed}`);
  return {
    sink,
    feeds: ['conformance/first', 'conformance/second'],
    deadlineMs,
    async read() {
      const stored = await Promise.all(
        topics.map(async (topic) =>
          (await readTopic(bootstrap, topic, readerFor[client])).map((record) => toStored(topic, record)),
        ),
      );
      return stored.flat();
    },
    outage: { begin: kafka.freeze, end: async () => kafka.thaw() },
    crash: { kill: kafka.kill9, restart: kafka.restart },
    oversize: { bytes: 2 * 1024 ** 2 },
    missing: { open: () => open(`${stem}.missing`), name: `${stem}.missing` },
    ordered: true,
    async [Symbol.asyncDispose]() {
      kafka.thaw();
      await sink[Symbol.asyncDispose]();
    },
  };
}

const suite = await ownKafkaSuite();

suite('the Kafka sink', (kafka) => {
  for (const client of clients) {
    sinkConformance({ name: `kafka (${client}, Kafka 4.4.0)`, open: () => openFixture(kafka, client) });
  }
});
