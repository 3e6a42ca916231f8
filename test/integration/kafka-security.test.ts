import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Sink } from '../../src/core/sink.ts';
import { tokenOpener } from '../../src/open-tokens.ts';
import { kafkaSinkType } from '../../src/sinks/kafka/index.ts';
import type { TelemetryEvent } from '../../src/telemetry/events.ts';
import { createLogReporter } from '../../src/telemetry/logger.ts';
import { closedPort } from '../support/closed-port.ts';
import { securedKafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { briefMs, type SecuredKafka, scope } from '../support/kafka/secured-broker.ts';
import { saslUser } from '../support/kafka/server-properties.ts';
import { event, idOf, never, publish, summary } from '../support/kafka/sink-calls.ts';
import { client as account, startTokenEndpoint } from '../support/kafka/token-endpoint.ts';
import { createTopic } from '../support/kafka/topics.ts';
import { makeCertificates } from '../unit/http/support/certificates.ts';

const suite = await securedKafkaSuite();
const clients = ['platformatic', 'kafkajs'] as const;

interface OpenedSink extends Sink {
  readonly sink: Sink;
}

/** As the daemon opens one, with a source of tokens. */
async function open(settings: object): Promise<OpenedSink> {
  const resources = new AsyncDisposableStack();
  const broker = kafkaSinkType.broker.parse({ type: 'kafka', confirmTimeout: '3s', ...settings });
  const to = kafkaSinkType.destination.parse({ broker: 'kafka', topic: '{subject}' });
  const openTokens = tokenOpener({ proxy: {}, subject: 'test', report: () => {} }, resources);
  const context = { pipeline: 'test', brokerName: 'kafka', baseDir: '/', openTokens };
  const sink = await kafkaSinkType.open(broker, to, context);
  return {
    ...sink,
    sink,
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await resources.disposeAsync();
    },
  };
}

afterEach(() => vi.unstubAllEnvs());

suite('with a broker that is secured', (kafka: SecuredKafka) => {
  const { bootstrap, listeners, certificates } = kafka;
  const { ca, client, stranger } = certificates;
  const { username, password } = saslUser;
  const oauth2 = (tokenUrl: string, change: object = {}) => ({ tokenUrl, scope, ...account, ...change });
  const bearer = (tokenUrl: string, change: object = {}) => ({
    mechanism: 'oauthbearer',
    oauth2: oauth2(tokenUrl, change),
  });

  describe.each(clients)('%s', (library) => {
    const at = (listener: keyof typeof listeners, more: object) => ({
      client: library,
      bootstrap: [listeners[listener]],
      ...more,
    });

    async function expectPublished(settings: object): Promise<void> {
      const topic = await createTopic(bootstrap, 'secured');
      await using sink = await open(settings);
      const envelopes = [event(topic), event(topic)];
      expect(summary(await publish(sink.sink, envelopes))).toEqual(['confirmed', 'confirmed']);
      expect((await readTopic(bootstrap, topic)).map(idOf)).toEqual(envelopes.map(({ attributes }) => attributes.id));
      expect((await sink.check(['test/a'], never))[0]).toMatchObject({ severity: 'ok', subject: 'kafka' });
    }

    /** From both ways to find it out; gives the message and the hint. */
    async function expectRefused(settings: object, code: string): Promise<string> {
      await using sink = await open(settings);
      const [delivery] = await publish(sink.sink, [event('secured')]);
      const findings = await sink.check(['test/a'], never);
      expect(summary(delivery ? [delivery] : [])).toEqual([`failed ${code}`]);
      expect(findings).toMatchObject([{ severity: 'error', subject: 'kafka', code }]);
      if (delivery === undefined || delivery.status === 'confirmed') throw new Error('it was let in');
      let written = '';
      const destination = {
        write(text: string) {
          written += text;
        },
      };
      const { error } = delivery;
      const failed = { event: 'attempt.failed', subject: 'test/a', activity: 'publish', error, attempt: 1, delayMs: 1 };
      createLogReporter({ level: 'trace', pretty: false, destination })(failed as TelemetryEvent);
      const shown = JSON.stringify([findings, error.message, error.hint]);
      const everything = [shown, written, inspect(delivery, { depth: 20, showHidden: true })].join();
      // A token begins like this, whatever it says.
      const tokens = [Buffer.from('{"alg":"none"}'), Buffer.from('https://kafka.')].map((text) =>
        text.toString('base64url'),
      );
      const keys = [client.key, certificates.server.key].map((key) => key.split('\n')[1] ?? '');
      for (const secret of [password, 'canary', ...tokens, ...keys]) expect(everything).not.toContain(secret);
      return shown;
    }

    describe('publishes', () => {
      test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('by %s over TLS', async (mechanism) => {
        await expectPublished(at('login', { tls: { ca }, sasl: { mechanism, username, password } }));
      });

      test('over TLS, and with a certificate of its own', async () => {
        await expectPublished(at('tls', { tls: { ca } }));
        await expectPublished(at('mutual', { tls: { ca, ...client } }));
      });

      test('by OAUTHBEARER, with one token for all its connections', async () => {
        await using endpoint = await startTokenEndpoint();
        const sasl = { ...bearer(endpoint.url), extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool-1' } };
        await expectPublished(at('bearer', { tls: { ca }, sasl }));
        expect(endpoint.issued()).toBe(1);
      });
    });

    describe('is refused', () => {
      test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('with a wrong password, by %s', async (mechanism) => {
        const sasl = { mechanism, username, password: 'canary-password' };
        await expectRefused(at('login', { tls: { ca }, sasl }), 'BROKER_AUTH_REFUSED');
      });

      test('with a mechanism that the broker does not have', async () => {
        const sasl = { mechanism: 'plain', username, password };
        await expectRefused(at('bearer', { tls: { ca }, sasl }), 'BROKER_AUTH_REFUSED');
      });

      test('with a token of another scope, and asks for a new one the next time', async () => {
        await using endpoint = await startTokenEndpoint();
        const sasl = bearer(endpoint.url, { scope: 'read' });
        const shown = await expectRefused(at('bearer', { tls: { ca }, sasl }), 'BROKER_AUTH_REFUSED');
        expect(shown).toContain('refuses the access token');
        expect(endpoint.issued()).toBe(2);
      });

      test.each([
        ['refuses the client', 'tokens', { clientSecret: 'canary-other' }],
        ['is out of order', 503, {}],
        ['hangs', 'hang', {}],
      ] as const)('when the token endpoint %s', async (_, mode, change) => {
        await using endpoint = await startTokenEndpoint();
        endpoint.mode = mode;
        const sasl = bearer(endpoint.url, change);
        const shown = await expectRefused(at('bearer', { tls: { ca }, sasl }), 'TOKEN_UNAVAILABLE');
        expect(shown).toContain('no access token');
      });

      test('when there is no token endpoint, and goes on as soon as there is one', async () => {
        const sasl = bearer(`http://127.0.0.1:${await closedPort()}/token`);
        await expectRefused(at('bearer', { tls: { ca }, sasl }), 'TOKEN_UNAVAILABLE');
        await using endpoint = await startTokenEndpoint();
        endpoint.mode = 503;
        const topic = await createTopic(bootstrap, 'later');
        await using sink = await open(at('bearer', { tls: { ca }, sasl: bearer(endpoint.url) }));
        expect(summary(await publish(sink.sink, [event(topic)]))).toEqual(['failed TOKEN_UNAVAILABLE']);
        endpoint.mode = 'tokens';
        expect(summary(await publish(sink.sink, [event(topic)]))).toEqual(['confirmed']);
      });

      test('with a token of AWS, by a broker that is none of Amazon; and has none without credentials of AWS', async () => {
        vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
        vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'canary-secret-key');
        const settings = at('bearer', { tls: { ca }, sasl: { mechanism: 'aws-msk-iam', region: 'eu-central-1' } });
        expect(await expectRefused(settings, 'BROKER_AUTH_REFUSED')).toContain('refuses the access token');
        vi.unstubAllEnvs();
        for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE']) vi.stubEnv(name, '');
        for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nonexistent');
        vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
        expect(await expectRefused(settings, 'TOKEN_UNAVAILABLE')).toContain('AWS credentials');
      });

      test('by itself, when it does not trust the broker', async () => {
        const shown = await expectRefused(at('tls', { tls: true }), 'BROKER_TLS_REFUSED');
        expect(shown).toContain('tls.ca');
      });

      test('by itself, when the broker has the certificate of another', async () => {
        const shown = await expectRefused(at('stranger', { tls: { ca } }), 'BROKER_TLS_REFUSED');
        expect(shown).toContain('another name');
      });

      test('without a certificate of its own, where the broker wants one', async () => {
        const shown = await expectRefused(at('mutual', { tls: { ca }, confirmTimeout: '1s' }), 'BROKER_TLS_REFUSED');
        expect(shown).toContain('tls.cert');
      });

      test('with a certificate that the broker does not trust', async () => {
        const { client: foreign } = makeCertificates();
        await expectRefused(at('mutual', { tls: { ca, ...foreign }, confirmTimeout: '1s' }), 'BROKER_TLS_REFUSED');
      });

      test.each([
        ['TLS is spoken to a port without it', 'brief', { tls: { ca: stranger.cert } }],
        ['a port of TLS is spoken to without it', 'tls', {}],
      ] as const)('in time when %s', async (_, listener, more) => {
        await using sink = await open(at(listener, more));
        const [delivery] = await publish(sink.sink, [event('secured')]);
        expect(delivery?.status).toBe('failed');
        expect(await sink.check(['test/a'], never)).toMatchObject([{ severity: 'error', subject: 'kafka' }]);
      });
    });
  });

  describe('whose sessions are short', () => {
    const logins = clients.flatMap((library) => [[library, 'plain'] as const, [library, 'oauthbearer'] as const]);

    test('every client logs in again in time, and nothing is lost or doubled', async () => {
      const publishFor = async (library: string, mechanism: string) => {
        await using endpoint = await startTokenEndpoint(8);
        const sasl = mechanism === 'plain' ? { mechanism, username, password } : bearer(endpoint.url);
        const topic = await createTopic(bootstrap, `brief-${library}-${mechanism}`);
        await using sink = await open({ client: library, bootstrap: [listeners.brief], sasl });
        const sent: string[] = [];
        for (const end = performance.now() + 2.5 * briefMs; performance.now() < end; await delay(20)) {
          const envelopes = [event(topic), event(topic)];
          expect([library, mechanism, ...summary(await publish(sink.sink, envelopes))]).toEqual([
            library,
            mechanism,
            'confirmed',
            'confirmed',
          ]);
          sent.push(...envelopes.map(({ attributes }) => attributes.id));
        }
        expect((await readTopic(bootstrap, topic)).map(idOf)).toEqual(sent);
        expect(endpoint.issued()).toBeGreaterThanOrEqual(mechanism === 'plain' ? 0 : 2);
      };
      await Promise.all(logins.map(([library, mechanism]) => publishFor(library, mechanism)));
    }, 60_000);

    test.each(clients)(
      '%s goes on after the token endpoint was away, and nothing is lost',
      async (library) => {
        await using endpoint = await startTokenEndpoint(6);
        const topic = await createTopic(bootstrap, 'token-outage');
        await using sink = await open({ client: library, bootstrap: [listeners.brief], sasl: bearer(endpoint.url) });
        const confirmed: string[] = [];
        const publishOne = async () => {
          const envelope = event(topic);
          const outcome = summary(await publish(sink.sink, [envelope]));
          if (outcome[0] === 'confirmed') confirmed.push(envelope.attributes.id);
          return outcome;
        };
        const patience = { timeout: 20_000, interval: 50 };
        expect(await publishOne()).toEqual(['confirmed']);
        endpoint.mode = 503;
        await expect.poll(publishOne, patience).toEqual(['failed TOKEN_UNAVAILABLE']);
        endpoint.mode = 'tokens';
        await expect.poll(publishOne, patience).toEqual(['confirmed']);
        // What was under way when the session ended may have been written or not.
        const stored = (await readTopic(bootstrap, topic)).map(idOf);
        expect(stored.filter((id) => confirmed.includes(id))).toEqual(confirmed);
      },
      60_000,
    );
  });
});
