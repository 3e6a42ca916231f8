import { describe, expect, test } from 'vitest';
import { kafkaBroker, kafkaDestination } from '../../../src/sinks/kafka/config.ts';
import { producerOptions } from '../../../src/sinks/kafka/platformatic/options.ts';

const broker = { type: 'kafka', bootstrap: ['kafka:9092'] };
const destination = { broker: 'kafka', topic: 'fenergo.{feed}' };

describe('the broker', () => {
  test('has safe and simple defaults', () => {
    expect(kafkaBroker.parse(broker)).toEqual({
      ...broker,
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

  test('hands credentials and certificates to the client, and idempotence always', () => {
    const parsed = kafkaBroker.parse({
      ...broker,
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
      sasl: { mechanism: 'scram-sha-512', username: 'ferry', password: 'open sesame' },
    });
    expect(JSON.stringify(parsed)).not.toContain('sesame');
    expect(producerOptions(parsed, kafkaDestination.parse(destination), () => {})).toMatchObject({
      idempotent: true,
      autocreateTopics: false,
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY' },
      sasl: { mechanism: 'SCRAM-SHA-512', username: 'ferry', password: 'open sesame' },
    });
  });
});

describe('the destination', () => {
  test('is structured and not compressed unless told otherwise', () => {
    expect(kafkaDestination.parse(destination)).toEqual({ ...destination, mode: 'structured', compression: 'none' });
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
