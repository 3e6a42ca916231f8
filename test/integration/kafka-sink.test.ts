import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ownKafkaSuite } from '../support/kafka/acquire.ts';
import type { OwnKafka } from '../support/kafka/native-broker.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { saslUser } from '../support/kafka/server-properties.ts';
import { clients, event, idOf, never, openSinkWith, publish, readerFor, summary } from '../support/kafka/sink-calls.ts';
import { createTopic, deleteTopic, forbidTopic } from '../support/kafka/topics.ts';

const codecs = { platformatic: ['gzip', 'snappy', 'lz4', 'zstd'], kafkajs: ['gzip'] } as const;

/** Finding the event that is too large takes many sends. */
const patient = { broker: { confirmTimeout: '10s' } };

const suite = await ownKafkaSuite();

suite('the Kafka sink', (kafka: OwnKafka) => {
  const { bootstrap } = kafka;

  describe.each(clients)('with %s', (client) => {
    const openSink = openSinkWith(client);
    const read = (topic: string) => readTopic(bootstrap, topic, readerFor[client]);

    describe('publishes', () => {
      test('each event under its key, with a receipt that is exact', async () => {
        const topic = await createTopic(bootstrap, 'exact', { partitions: 5 });
        await using sink = await openSink(bootstrap);
        const envelopes = Array.from({ length: 60 }, (_, at) => event(topic, { key: `key-${at % 7}` }));
        const deliveries = await publish(sink, envelopes);
        const stored = await read(topic);
        expect(stored).toHaveLength(60);
        for (const record of stored) {
          const at = envelopes.findIndex(({ attributes }) => attributes.id === idOf(record));
          const { partition, offset } = record;
          expect(deliveries[at]).toEqual({ status: 'confirmed', receipt: { topic, partition, offset } });
          expect(record.key).toBe(envelopes[at]?.attributes.partitionkey);
          expect(record.headers).toEqual({ 'content-type': 'application/cloudevents+json; charset=UTF-8' });
        }
      });

      test('in binary mode, with the attributes as headers', async () => {
        const topic = await createTopic(bootstrap, 'binary');
        await using sink = await openSink(bootstrap, { to: { mode: 'binary' } });
        const envelope = event(topic);
        await publish(sink, [envelope]);
        expect(await read(topic)).toMatchObject([
          {
            value: Buffer.from(envelope.data.bytes),
            headers: { 'content-type': 'application/json', ce_id: envelope.attributes.id, ce_subject: topic },
          },
        ]);
      });

      test.each(codecs[client])('with %s, which the broker can unpack', async (compression) => {
        const topic = await createTopic(bootstrap, compression);
        await using sink = await openSink(bootstrap, { to: { compression } });
        const envelopes = [event(topic, { bytes: 1_000 }), event(topic, { bytes: 1_000 })];
        expect(summary(await publish(sink, envelopes))).toEqual(['confirmed', 'confirmed']);
        // The reader knows gzip only.
        if (compression === 'gzip') expect(await read(topic)).toHaveLength(2);
      });

      test('with credentials, where the broker wants some', async () => {
        const topic = await createTopic(bootstrap, 'sasl');
        await using sink = await openSink(kafka.saslBootstrap, {
          broker: { sasl: { mechanism: 'plain', ...saslUser } },
        });
        expect(summary(await publish(sink, [event(topic)]))).toEqual(['confirmed']);
      });
    });

    describe('keeps apart', () => {
      test('an event over the limit, and confirms its neighbours', async () => {
        const topic = await createTopic(bootstrap, 'large', { partitions: 2 });
        await using sink = await openSink(bootstrap, patient);
        const sizes = [10, 10, 3_000_000, 10, 10, 2_000_000, 10, 10, 10];
        const envelopes = sizes.map((bytes, at) => event(topic, { bytes, key: `key-${at % 3}` }));
        const expected = sizes.map((bytes) => (bytes > 10 ? 'failed EVENT_TOO_LARGE' : 'confirmed'));
        expect(summary(await publish(sink, envelopes))).toEqual(expected);
        const stored = (await read(topic)).map(idOf);
        const legal = envelopes.filter((_, at) => expected[at] === 'confirmed').map(({ attributes }) => attributes.id);
        expect(stored.toSorted()).toEqual(legal.toSorted());
      });

      test('three records of 450 kB that are too large together', async () => {
        const topic = await createTopic(bootstrap, 'together');
        await using sink = await openSink(bootstrap, patient);
        const envelopes = [1, 2, 3].map(() => event(topic, { bytes: 450_000 }));
        expect(summary(await publish(sink, envelopes))).toEqual(['confirmed', 'confirmed', 'confirmed']);
        expect((await read(topic)).map(idOf)).toEqual(envelopes.map(({ attributes }) => attributes.id));
      });

      test('a topic that is missing', async () => {
        const topic = await createTopic(bootstrap, 'there');
        await using sink = await openSink(bootstrap);
        const deliveries = await publish(sink, [event(topic), event('no-such-topic'), event(topic)]);
        expect(summary(deliveries)).toEqual(['confirmed', 'failed DESTINATION_MISSING', 'confirmed']);
        expect(await read(topic)).toHaveLength(2);
      });

      test('a topic deleted while it was in use', async () => {
        const [topic, doomed] = [await createTopic(bootstrap, 'stays'), await createTopic(bootstrap, 'goes')];
        await using sink = await openSink(bootstrap);
        expect(summary(await publish(sink, [event(topic), event(doomed)]))).toEqual(['confirmed', 'confirmed']);
        await deleteTopic(bootstrap, doomed);
        const envelopes = [event(topic), event(doomed)];
        await expect
          .poll(async () => summary(await publish(sink, envelopes)), { timeout: 15_000 })
          .toEqual(['confirmed', 'failed DESTINATION_MISSING']);
      });

      test.each(['describe', 'nothing'] as const)('a topic of which %s is allowed', async (allowed) => {
        const [topic, forbidden] = [await createTopic(bootstrap, 'open'), await createTopic(bootstrap, 'shut')];
        await forbidTopic(bootstrap, forbidden, allowed);
        await using sink = await openSink(bootstrap);
        await expect
          .poll(async () => summary(await publish(sink, [event(topic), event(forbidden), event(topic)])))
          .toEqual(['confirmed', 'failed BROKER_NOT_AUTHORISED', 'confirmed']);
      });
    });

    describe('check', () => {
      test('finds topics, and says how to create one that is missing', async () => {
        const topic = await createTopic(bootstrap, 'checked', { partitions: 2 });
        await using sink = await openSink(bootstrap, { topic: `${topic.slice(0, -1)}{feed}` });
        const found = topic.slice(-1);
        const findings = await sink.check([`test/${found}`, 'test/gone'], never);
        expect(findings.filter(({ severity }) => severity !== 'warning')).toEqual([
          { severity: 'ok', subject: 'kafka', message: expect.stringContaining('reachable') },
          { severity: 'ok', subject: `test/${found}`, message: expect.stringContaining(`${topic} has 2 partitions`) },
          {
            severity: 'error',
            subject: 'test/gone',
            code: 'DESTINATION_MISSING',
            message: `kafka has no topic ${topic.slice(0, -1)}gone`,
            hint: expect.stringContaining('Create it'),
            command: expect.stringContaining(`--bootstrap-server ${bootstrap} --create --topic`),
          },
        ]);
      });

      test('says once that nobody answers', async () => {
        await using sink = await openSink('127.0.0.1:1', { topic: '{feed}' });
        expect(await sink.check(['test/a', 'test/b'], never)).toMatchObject([
          { severity: 'error', subject: 'kafka', code: 'BROKER_UNREACHABLE' },
        ]);
      });

      test.each([{ topic: '{feed}' }, { topic: '{subject}' }])(
        'finds wrong credentials, for topic $topic',
        async ({ topic }) => {
          const sasl = { mechanism: 'plain', username: saslUser.username, password: 'wrong' };
          await using sink = await openSink(kafka.saslBootstrap, { topic, broker: { sasl } });
          const findings = await sink.check(['test/a'], never);
          expect(findings).toMatchObject([{ severity: 'error', subject: 'kafka', code: 'BROKER_AUTH_REFUSED' }]);
          expect(JSON.stringify(findings)).not.toContain('wrong');
        },
      );

      test.each([
        ['TLS where there is none', { tls: true }],
        ['a mechanism where there is none', { sasl: { mechanism: 'plain', ...saslUser } }],
      ])('finds %s, in time', async (_, broker) => {
        await using sink = await openSink(bootstrap, { topic: '{feed}', broker });
        expect(await sink.check(['test/a'], never)).toMatchObject([{ severity: 'error', subject: 'kafka' }]);
      });

      test('ends in time when the broker hangs', async () => {
        await kafka.freeze();
        try {
          await using sink = await openSink(bootstrap, { topic: '{feed}', broker: { confirmTimeout: '30s' } });
          expect(await sink.check(['test/a'], never)).toMatchObject([{ severity: 'error', code: 'BROKER_TIMEOUT' }]);
        } finally {
          kafka.thaw();
        }
      });
    });
  });

  test('listens on loopback only', async () => {
    const port = Number(bootstrap.split(':')[1]);
    const outside = connect(port, '127.0.0.2');
    await expect(
      new Promise((resolve, reject) => outside.once('connect', resolve).once('error', reject)),
    ).rejects.toThrow();
  });
});
