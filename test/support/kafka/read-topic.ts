import { Kafka, logLevel } from 'kafkajs';
import { patiently } from './patiently.ts';

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer;
  /** Milliseconds since the epoch: when it was made, or appended, as the topic says. */
  readonly timestamp: number;
}

/**
 * Everything that is in a topic up to its end at the time of the call, by partition and offset. Read with another
 * client than the one under test.
 */
export async function readTopic(bootstrap: string, topic: string): Promise<readonly ReadRecord[]> {
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
  return [...records.values()].sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}
