import { describe, expect, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import {
  clients,
  event,
  idOf,
  openSinkWith,
  publish,
  publishAll,
  readerFor,
  summary,
} from '../support/kafka/sink-calls.ts';
import { createTopic } from '../support/kafka/topics.ts';

/** So that a frozen broker leaves a part of it in this process. */
const moreThanSocketsHold = 16_000_000;

const suite = await ownKafkaSuite();

suite('the Kafka sink, when the broker fails,', (kafka: OwnKafka) => {
  const { bootstrap } = kafka;

  describe.each(clients)('with %s,', (client) => {
    const openSink = openSinkWith(client);
    const read = (topic: string) => readTopic(bootstrap, topic, readerFor[client]);

    test('calls it unknown after the deadline, and neither loses nor reorders when sent again', async () => {
      const topic = await createTopic(bootstrap, 'frozen');
      await using sink = await openSink(bootstrap, { broker: { confirmTimeout: '1s' } });
      await publishAll(sink, [event(topic)]);
      const envelopes = Array.from({ length: 20 }, () => event(topic));
      await kafka.freeze();
      try {
        expect(summary(await publish(sink, envelopes))).toEqual(envelopes.map(() => 'unknown BROKER_TIMEOUT'));
      } finally {
        kafka.thaw();
      }
      await publishAll(sink, envelopes);
      await publishAll(sink, [event(topic)]);
      const firstOccurrences = new Set((await read(topic)).map(idOf));
      expect([...firstOccurrences].slice(1, 21)).toEqual(envelopes.map(({ attributes }) => attributes.id));
    });

    test('flows again after a kill -9 and a restart, with all that was confirmed still there', async () => {
      const topic = await createTopic(bootstrap, 'killed');
      await using sink = await openSink(bootstrap);
      const before = Array.from({ length: 20 }, () => event(topic));
      await publishAll(sink, before);
      await kafka.kill9();
      const after = Array.from({ length: 20 }, () => event(topic));
      expect(summary(await publish(sink, after))).toEqual(after.map(() => 'unknown BROKER_UNREACHABLE'));
      expect(summary(await publish(sink, after))).toEqual(after.map(() => 'failed BROKER_UNREACHABLE'));
      await kafka.restart();
      await publishAll(sink, after);
      const firstOccurrences = new Set((await read(topic)).map(idOf));
      expect([...firstOccurrences]).toEqual([...before, ...after].map(({ attributes }) => attributes.id));
    });

    test('keeps no connection or timer of sends that were given up', async () => {
      const topic = await createTopic(bootstrap, 'given-up');
      await using sink = await openSink(bootstrap, { broker: { confirmTimeout: '100ms' } });
      await publishAll(sink, [event(topic)]);
      const inUse = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind)).length;
      const atFirst = inUse();
      await kafka.freeze();
      try {
        for (let send = 0; send < 20; send++) await publish(sink, [event(topic, { bytes: 500_000 })]);
        await expect.poll(inUse, { timeout: 5_000 }).toBeLessThan(atFirst + 4);
      } finally {
        kafka.thaw();
      }
      await publishAll(sink, [event(topic)]);
    });

    test('closes within two seconds with a send under way', async () => {
      const topic = await createTopic(bootstrap, 'closing');
      const sink = await openSink(bootstrap, { broker: { confirmTimeout: '30s' } });
      await publishAll(sink, [event(topic)]);
      await kafka.freeze();
      try {
        const publishing = publish(sink, [event(topic, { bytes: moreThanSocketsHold })]);
        await expect.poll(() => process.getActiveResourcesInfo().join()).toContain('WriteWrap');
        const startedAt = performance.now();
        await sink[Symbol.asyncDispose]();
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        expect((await publishing)[0]?.status).toBe('unknown');
      } finally {
        kafka.thaw();
      }
    });

    test('ends at once when told to stop: what was sent is unknown', async () => {
      const topic = await createTopic(bootstrap, 'stopping');
      await using sink = await openSink(bootstrap, { broker: { confirmTimeout: '30s' } });
      await publishAll(sink, [event(topic)]);
      await kafka.freeze();
      try {
        const controller = new AbortController();
        const publishing = publish(sink, [event(topic)], controller.signal);
        setImmediate(() => controller.abort());
        expect(summary(await publishing)).toEqual(['unknown STOPPING']);
        expect(summary(await publish(sink, [event(topic)], controller.signal))).toEqual(['failed STOPPING']);
      } finally {
        kafka.thaw();
      }
    });
  });
});
