import { Kafka, logLevel } from 'kafkajs';
import { patiently } from './patiently.ts';
import type { ReadRecord } from './read-topic.ts';

/**
 * See `readTopic`: what a consumer of kafkajs sees with isolation level read_committed. It writes a last record of its own
 * to each partition, and reads up to that: so it comes to an end only when no transaction is open, and none was left so.
 */
export async function readCommitted(bootstrap: string, topic: string): Promise<readonly ReadRecord[]> {
  const kafka = new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50 },
  });
  const name = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  const admin = kafka.admin();
  await admin.connect();
  const ends = await patiently(() => admin.fetchTopicOffsets(topic)).finally(() => admin.disconnect());
  const partitions = ends.map(({ partition }) => partition);

  const producer = kafka.producer();
  await producer.connect();
  const last = `end-${name}`;
  const messages = partitions.map((partition) => ({ partition, key: last, value: '' }));
  await producer.send({ topic, acks: -1, messages }).finally(() => producer.disconnect());

  const open = new Set(partitions);
  const records = new Map<string, ReadRecord>();
  const { promise: atEnd, resolve, reject } = Promise.withResolvers<void>();
  const consumer = kafka.consumer({ groupId: `reader-${name}`, maxWaitTimeInMs: 100, sessionTimeout: 60_000 });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      async eachMessage({ partition, message: { offset, key, headers, value, timestamp } }) {
        const text = key?.toString();
        if (text === last) {
          open.delete(partition);
          if (open.size === 0) resolve();
        } else if (!text?.startsWith('end-')) {
          records.set(`${partition}/${offset}`, {
            partition,
            offset: Number(offset),
            key: text,
            headers: Object.fromEntries(Object.entries(headers ?? {}).map(([title, held]) => [title, String(held)])),
            value: value ?? Buffer.alloc(0),
            timestamp: Number(timestamp),
          });
        }
      },
    });
    await atEnd;
  } finally {
    await consumer.disconnect();
  }
  return [...records.values()];
}
