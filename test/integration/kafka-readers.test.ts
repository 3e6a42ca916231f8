import { expect, test } from 'vitest';
import { kafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { event, openSink, publishAll } from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';

const suite = await kafkaSuite();

suite('the readers of the judge', ({ bootstrap }) => {
  test.each(['LogAppendTime', 'CreateTime'])('agree to the byte, and on the times, with %s', async (type) => {
    const topic = await createTopic(bootstrap, 'read', { partitions: 3, config: { 'message.timestamp.type': type } });
    await using sink = await openSink(bootstrap, { to: { compression: 'gzip', mode: 'binary' } });
    for (let send = 0; send < 5; send++) {
      const keys = Array.from({ length: 200 }, (_, at) => `key ${at % 40}`);
      await publishAll(
        sink,
        keys.map((key) => event(topic, { key, bytes: 3_000 })),
      );
    }
    const byKafkajs = await readTopic(bootstrap, topic, 'kafkajs');
    expect(byKafkajs).toHaveLength(1_000);
    expect(new Set(byKafkajs.map(({ partition }) => partition)).size).toBe(3);
    expect(await readTopic(bootstrap, topic, 'platformatic')).toEqual(byKafkajs);
  });

  test('give nothing of an empty topic', async () => {
    const topic = await createTopic(bootstrap, 'empty');
    expect(await readTopic(bootstrap, topic, 'kafkajs')).toEqual([]);
    expect(await readTopic(bootstrap, topic, 'platformatic')).toEqual([]);
  });
});
