import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Admin } from '@platformatic/kafka';
import { describe, expect, test } from 'vitest';
import { kafkaBroker, kafkaDestination } from '../../src/sinks/kafka/config.ts';
import { createKafkajsClient } from '../../src/sinks/kafka/kafkajs/client.ts';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { type Reader, readTopic } from '../support/kafka/read-topic.ts';
import { clients, event, never, openSinkWith, publish, readerFor, summary } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';

/** Where the numbers stand in a record batch. */
const [lengthAt, producerIdAt] = [8, 43];

/** The producer of each record batch, as the broker has it on disk: -1 for a plain one. */
async function producersOf(bootstrap: string, topic: string): Promise<bigint[]> {
  const admin = new Admin({ clientId: 'reader', bootstrapBrokers: [bootstrap] });
  const [description] = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0] }] });
  await admin.close();
  const dir = description?.results[0]?.logDir ?? '';
  const segment = await readFile(join(dir, `${topic}-0`, '00000000000000000000.log'));
  const producers: bigint[] = [];
  for (let at = 0; at + producerIdAt < segment.length; at += lengthAt + 4 + segment.readInt32BE(at + lengthAt)) {
    producers.push(segment.readBigInt64BE(at + producerIdAt));
  }
  return producers;
}

const suite = await ownKafkaSuite();

suite('the clients of the Kafka sink', (kafka: OwnKafka) => {
  const { bootstrap } = kafka;

  test.each(['structured', 'binary'])('write the same records, in %s mode', async (mode) => {
    const envelopes = Array.from({ length: 40 }, (_, at) => event('same', { key: `schlüssel-${at % 11}`, bytes: at }));
    const stored: unknown[] = [];
    for (const client of clients) {
      const topic = await createTopic(bootstrap, 'same', { partitions: 5 });
      await using sink = await openSinkWith(client)(bootstrap, { topic, to: { mode } });
      expect(summary(await publish(sink, envelopes))).toEqual(envelopes.map(() => 'confirmed'));
      const readers: readonly Reader[] = ['kafkajs', 'platformatic'];
      for (const reader of readers) {
        const records = await readTopic(bootstrap, topic, reader);
        stored.push(
          records.map(({ timestamp, ...record }) => ({ ...record, headers: Object.entries(record.headers) })),
        );
        for (const { timestamp } of records) expect(Math.abs(timestamp - Date.now())).toBeLessThan(60_000);
      }
    }
    expect(stored[0]).toHaveLength(40);
    for (const other of stored) expect(other).toEqual(stored[0]);
  });

  test('are idempotent with platformatic, and never with kafkajs', async () => {
    const producers = new Map<string, bigint[]>();
    for (const client of clients) {
      const topic = await createTopic(bootstrap, 'producer');
      await using sink = await openSinkWith(client)(bootstrap);
      for (let call = 0; call < 3; call++) await publish(sink, [event(topic), event(topic)]);
      producers.set(client, await producersOf(bootstrap, topic));
    }
    expect(producers.get('kafkajs')).toEqual([-1n, -1n, -1n]);
    expect(producers.get('platformatic')?.every((id) => id >= 0n)).toBe(true);
  });

  test('a partition that kafkajs does not know is not taken for written, though it says nothing', async () => {
    const topic = await createTopic(bootstrap, 'unknown');
    const broker = kafkaBroker.parse({ type: 'kafka', client: 'kafkajs', bootstrap: [bootstrap] });
    const client = createKafkajsClient(broker, kafkaDestination.parse({ broker: 'kafka', topic }), 'kafka');
    const [key, value] = [Buffer.from('key'), Buffer.from('value')];
    const answers = await client.send([{ topic, partition: 7, key, value, headers: new Map() }], never);
    expect(answers.get(`${topic}/7`)).toMatchObject({ status: 'unknown', error: { code: 'BROKER_UNAVAILABLE' } });
    await client.close();
  });

  describe.each(clients)('with %s', (client) => {
    test('what is refused in one partition is not doubled in the others', async () => {
      const [good, bad] = [
        await createTopic(bootstrap, 'good', { partitions: 8 }),
        await createTopic(bootstrap, 'bad'),
      ];
      await using sink = await openSinkWith(client)(bootstrap, { broker: { confirmTimeout: '10s' } });
      const neighbours = Array.from({ length: 30 }, (_, at) => event(good, { key: `key-${at}` }));
      const poison = Array.from({ length: 3 }, () => event(bad, { bytes: 2_000_000 }));
      expect(summary(await publish(sink, [...neighbours, ...poison]))).toEqual([
        ...neighbours.map(() => 'confirmed'),
        ...poison.map(() => 'failed EVENT_TOO_LARGE'),
      ]);
      expect(await readTopic(bootstrap, good, readerFor[client])).toHaveLength(30);
    });

    test('only its library is loaded, and the process ends by itself', async () => {
      const topic = await createTopic(bootstrap, 'process');
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'kafka-sink/publish-once.ts'), client, bootstrap, topic],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
      const [code] = await once(child, 'close');
      expect({ code, ...JSON.parse(printed) }).toEqual({ code: 0, status: 'confirmed', loaded: [client] });
    });
  });
});
