import { Kafka, logLevel } from 'kafkajs';
import { patiently } from './patiently.ts';
import type { ReadRecord } from './read-topic.ts';

/** See `readTopic`. With a consumer group of its own; in the order of arrival. */
export async function readWithKafkajs(bootstrap: string, topic: string): Promise<readonly ReadRecord[]> {
  const kafka = new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50 },
  });
  const admin = kafka.admin();
  await admin.connect();
  const ends = await patiently(() => admin.fetchTopicOffsets(topic)).finally(() => admin.disconnect());
  const open = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)] as const),
  );
  if (open.size === 0) return [];
  const records = new Map<string, ReadRecord>();

  const groupId = `reader-${process.pid}-${Math.random().toString(36).slice(2)}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, sessionTimeout: 60_000 });
  const { promise: atEnd, resolve, reject } = Promise.withResolvers<void>();
  // Otherwise it restarts by itself, from the beginning: the group's coordinator was still loading, for example.
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) reject(payload.error);
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 1,
      async eachBatch({ batch }) {
        const end = open.get(batch.partition);
        if (end === undefined) return;
        for (const { offset, key, headers, value, timestamp } of batch.messages) {
          if (Number(offset) >= end) break;
          records.set(`${batch.partition}/${offset}`, {
            partition: batch.partition,
            offset: Number(offset),
            key: key?.toString(),
            headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, held]) => [name, String(held)])),
            value: value ?? Buffer.alloc(0),
            timestamp: Number(timestamp),
          });
        }
        if (Number(batch.lastOffset()) + 1 >= end) open.delete(batch.partition);
        if (open.size === 0) resolve();
      },
    });
    await atEnd;
  } finally {
    await consumer.disconnect();
  }
  return [...records.values()];
}
