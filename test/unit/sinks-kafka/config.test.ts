import { describe, expect, test } from 'vitest';
import { kafkaBroker, kafkaDestination, refuseKafkaSettings } from '../../../src/sinks/kafka/config.ts';
import { clientOptions } from '../../../src/sinks/kafka/kafkajs/options.ts';
import { producerOptions } from '../../../src/sinks/kafka/platformatic/options.ts';
import { securityOptions as platformaticSecurity } from '../../../src/sinks/kafka/platformatic/security.ts';

const broker = { type: 'kafka', bootstrap: ['kafka:9092'] };
const destination = { broker: 'kafka', topic: 'fenergo.{feed}' };

describe('the broker', () => {
  test('has safe and simple defaults', () => {
    expect(kafkaBroker.parse(broker)).toEqual({
      ...broker,
      client: 'platformatic',
      tls: false,
      clientId: 'feedferry',
      confirmTimeout: 10_000,
    });
  });

  test.each([
    ['no address', { bootstrap: [] }],
    ['an address without a port', { bootstrap: ['kafka'] }],
    ['a URL', { bootstrap: ['http://kafka:9092'] }],
    ['a port that cannot be', { bootstrap: ['kafka:99999'] }],
    ['an unknown key', { acks: 1 }],
    ['an unknown client library', { client: 'librdkafka' }],
    ['an unknown mechanism', { sasl: { mechanism: 'gssapi', username: 'u', password: 'p' } }],
    ['a certificate without its key', { tls: { cert: 'PEM' } }],
    ['no time to confirm', { confirmTimeout: '0s' }],
    ['a client id with spaces', { clientId: 'feed ferry' }],
  ])('refuses %s', (_, change) => {
    expect(kafkaBroker.safeParse({ ...broker, ...change }).success).toBe(false);
  });

  test('takes IPv6 addresses', () => {
    expect(kafkaBroker.safeParse({ ...broker, bootstrap: ['[::1]:9092'] }).success).toBe(true);
  });

  describe('hands credentials and certificates', () => {
    const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map((name) => `-----BEGIN ${name}-----`);
    const parsed = kafkaBroker.parse({
      ...broker,
      tls: { ca, cert, key },
      sasl: { mechanism: 'scram-sha-512', username: 'ferry', password: 'open sesame' },
    });

    test('to no log', () => {
      expect(JSON.stringify(parsed)).not.toContain('sesame');
    });

    test('to @platformatic/kafka, which is always idempotent', () => {
      const security = platformaticSecurity(parsed, undefined);
      expect(producerOptions(parsed, kafkaDestination.parse(destination), () => false, security)).toMatchObject({
        idempotent: true,
        autocreateTopics: false,
        tls: { ca, cert, key },
        sasl: { mechanism: 'SCRAM-SHA-512', username: 'ferry', password: 'open sesame' },
      });
    });

    test('to kafkajs', () => {
      expect(clientOptions(parsed)).toMatchObject({
        ssl: { ca, cert, key },
        sasl: { mechanism: 'scram-sha-512', username: 'ferry', password: 'open sesame' },
      });
    });
  });
});

describe('the destination', () => {
  test('is structured and not compressed unless told otherwise', () => {
    expect(kafkaDestination.parse(destination)).toMatchObject({
      ...destination,
      mode: 'structured',
      compression: 'none',
    });
  });

  test.each([0, 1, '1', 'none', 'leader', null])('refuses acks: %j as unsafe', (acks) => {
    const { error } = kafkaDestination.safeParse({ ...destination, acks });
    expect(error?.issues).toMatchObject([
      {
        path: ['acks'],
        message: `acks: ${JSON.stringify(acks)} can lose confirmed events. Remove it (default: all).`,
        params: { code: 'CONFIG_UNSAFE' },
      },
    ]);
  });

  test('takes acks: all', () => {
    expect(kafkaDestination.safeParse({ ...destination, acks: 'all' }).success).toBe(true);
  });

  test.each(['bad topic', 'a/b', '.', `${'x'.repeat(250)}`, '{', 'fenergo.{nope!}'])(
    'refuses the topic %j',
    (topic) => {
      expect(kafkaDestination.safeParse({ ...destination, topic }).success).toBe(false);
    },
  );
});

describe('compression', () => {
  const refused = (client: string, compression: string) =>
    refuseKafkaSettings(
      kafkaBroker.parse({ ...broker, client }),
      kafkaDestination.parse({ ...destination, compression }),
    );

  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('of %s goes with @platformatic/kafka', (compression) => {
    expect(refused('platformatic', compression)).toEqual([]);
  });

  test.each(['none', 'gzip'])('of %s goes with kafkajs', (compression) => {
    expect(refused('kafkajs', compression)).toEqual([]);
  });

  test.each(['snappy', 'lz4', 'zstd'])('of %s is refused with kafkajs, with what to do', (compression) => {
    expect(refused('kafkajs', compression)).toEqual([
      {
        key: 'compression',
        message: `The client kafkajs has no codec for ${compression}.`,
        hint: 'Expected one of "none" or "gzip"; or remove `client: kafkajs` from the broker.',
      },
    ]);
  });
});
