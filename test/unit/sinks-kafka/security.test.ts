import { describe, expect, test } from 'vitest';
import { kafkaBroker } from '../../../src/sinks/kafka/config.ts';
import { securityOptions as kafkajsOptions } from '../../../src/sinks/kafka/kafkajs/security.ts';
import { securityOptions as platformaticOptions } from '../../../src/sinks/kafka/platformatic/security.ts';
import type { Tokens } from '../../../src/sinks/kafka/tokens.ts';

const parse = (settings: object) => kafkaBroker.parse({ type: 'kafka', bootstrap: ['kafka:9093'], ...settings });
const pem = (what: string) => `-----BEGIN CERTIFICATE-----\n${what}`;
const login = { mechanism: 'scram-sha-512', username: 'ferry', password: 'open sesame' };
const oauth2 = { tokenUrl: 'https://id.example.com/token', clientId: 'ferry', clientSecret: 'open sesame' };

test('no print of the settings shows a secret', () => {
  const tls = { ca: pem('ca'), cert: pem('cert'), key: pem('sesame') };
  for (const sasl of [login, { mechanism: 'oauthbearer', oauth2 }]) {
    expect(JSON.stringify(parse({ tls, sasl }))).not.toContain('sesame');
  }
});

describe('refused is', () => {
  test.each([
    ['a certificate without its key', { tls: { cert: pem('cert') } }],
    ['a path in place of a certificate', { tls: { ca: '/etc/ca.pem' } }],
    ['a password without a user', { sasl: { mechanism: 'plain', password: 'x' } }],
    ['a user besides a token', { sasl: { mechanism: 'oauthbearer', oauth2, username: 'ferry' } }],
    [
      'an extension that would break the message',
      { sasl: { mechanism: 'oauthbearer', oauth2, extensions: { a: '\u0001' } } },
    ],
    ['an extension in place of the token', { sasl: { mechanism: 'oauthbearer', oauth2, extensions: { auth: 'x' } } }],
    [
      'a role that is none',
      { tls: true, sasl: { mechanism: 'aws-msk-iam', region: 'eu-central-1', roleArn: 'admin' } },
    ],
    ['IAM without TLS', { sasl: { mechanism: 'aws-msk-iam', region: 'eu-central-1' } }],
  ])('%s', (_, settings) => {
    expect(() => parse(settings)).toThrow();
  });

  test.each(['us-gov-west-1', 'cn-north-1', 'ap-southeast-4'])('but not the region %s', (region) => {
    expect(parse({ tls: true, sasl: { mechanism: 'aws-msk-iam', region } }).sasl).toMatchObject({ region });
  });
});

describe('handed to the client are', () => {
  const broker = parse({ tls: { ca: pem('ca'), cert: pem('cert'), key: pem('key') }, sasl: login });
  const texts = { ca: pem('ca'), cert: pem('cert'), key: pem('key') };
  const { username, password } = login;

  test('credentials and certificates, with @platformatic/kafka', () => {
    expect(platformaticOptions(broker, undefined)).toEqual({
      tls: texts,
      sasl: { mechanism: 'SCRAM-SHA-512', username, password },
    });
  });

  test('credentials and certificates, with kafkajs', () => {
    expect(kafkajsOptions(broker)).toMatchObject({
      ssl: texts,
      sasl: { mechanism: 'scram-sha-512', username, password },
    });
  });

  test('none where there are none', () => {
    const bare = parse({});
    expect(platformaticOptions(bare, undefined)).toEqual({});
    expect(kafkajsOptions(bare)).not.toHaveProperty('ssl');
    expect(kafkajsOptions(bare)).not.toHaveProperty('sasl');
  });
});

describe('kafkajs', () => {
  test('says token and extensions as RFC 7628 has it, and drops a token that is refused', async () => {
    let dropped = 0;
    const tokens: Tokens = { get: async () => 'the.token', drop: () => void dropped++ };
    const sasl = { mechanism: 'oauthbearer', oauth2, extensions: { logicalCluster: 'lkc-1' } };
    const options = kafkajsOptions(parse({ tls: true, sasl }), tokens).sasl;
    if (!options || !('authenticationProvider' in options)) throw new Error('no mechanism of our own');
    let answer = Buffer.alloc(4);
    const sent: Buffer[] = [];
    const authenticator = options.authenticationProvider({
      host: 'kafka',
      port: 9093,
      logger: {} as never,
      async saslAuthenticate({ request, response }) {
        sent.push(await request.encode());
        return response?.parse(await response.decode(answer));
      },
    });
    await authenticator.authenticate();
    const message = 'n,,\u0001auth=Bearer the.token\u0001logicalCluster=lkc-1\u0001\u0001';
    expect(sent.map((bytes) => bytes.subarray(4).toString())).toEqual([message]);
    expect(sent[0]?.readInt32BE()).toBe(message.length);
    expect(dropped).toBe(0);

    answer = Buffer.from('\0\0\0\0{"status":"invalid_token"}');
    await expect(authenticator.authenticate()).rejects.toMatchObject({
      code: 'BROKER_AUTH_REFUSED',
      message: 'the broker refuses the access token (invalid_token)',
    });
    expect(dropped).toBe(1);
  });
});
