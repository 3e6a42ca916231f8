import type { KafkaConfig, Mechanism } from 'kafkajs';
import type { KafkaBroker } from '../config.ts';
import { tokenRefusal } from '../token-refusal.ts';
import type { Tokens } from '../tokens.ts';

type Options = Pick<KafkaConfig, 'ssl' | 'sasl' | 'reauthenticationThreshold'>;

function tlsOptions(tls: KafkaBroker['tls']): Pick<Options, 'ssl'> {
  if (tls === false) return {};
  if (tls === true) return { ssl: {} };
  const { ca, cert, key } = tls;
  return {
    ssl: {
      ...(ca && { ca: ca.reveal() }),
      ...(cert && { cert: cert.reveal() }),
      ...(key && { key: key.reveal() }),
    },
  };
}

/**
 * How long before the end of a session the library logs in again, when it has something to send: 10 s by default, and
 * so with each request where sessions are as short as that, which brokers refuse within a second.
 */
const reauthenticationThreshold = 1_000;

/** The library speaks of texts with their length before them. */
const lengthBytes = 4;

function firstMessage(token: string, extensions: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries({ auth: `Bearer ${token}`, ...extensions }).map(([name, value]) => `${name}=${value}`);
  const text = Buffer.from(`n,,\u0001${pairs.join('\u0001')}\u0001\u0001`);
  const length = Buffer.alloc(lengthBytes);
  length.writeInt32BE(text.length);
  return Buffer.concat([length, text]);
}

/** The library's own OAUTHBEARER takes a refused token for an accepted one. */
function bearer(tokens: Tokens, extensions: Readonly<Record<string, string>>): Mechanism {
  return {
    mechanism: 'OAUTHBEARER',
    authenticationProvider: ({ saslAuthenticate }) => ({
      async authenticate() {
        const message = firstMessage(await tokens.get(), extensions);
        await saslAuthenticate({
          request: { encode: () => message },
          response: {
            decode: (answer) => answer.subarray(lengthBytes),
            parse(answer) {
              const refusal = tokenRefusal(answer);
              if (!refusal) return;
              tokens.drop();
              throw refusal;
            },
          },
        });
      },
    }),
  };
}

function saslOptions({ sasl }: KafkaBroker, tokens: Tokens | undefined): Pick<Options, 'sasl'> {
  if (sasl === undefined) return {};
  if ('password' in sasl) {
    const { username, password } = sasl;
    const secrets = { username, password: password.reveal() };
    // One by one: the library's types know each mechanism by itself.
    switch (sasl.mechanism) {
      case 'plain':
        return { sasl: { mechanism: 'plain', ...secrets } };
      case 'scram-sha-256':
        return { sasl: { mechanism: 'scram-sha-256', ...secrets } };
      case 'scram-sha-512':
        return { sasl: { mechanism: 'scram-sha-512', ...secrets } };
    }
  }
  if (!tokens) return {};
  return { sasl: bearer(tokens, sasl.mechanism === 'oauthbearer' ? sasl.extensions : {}) };
}

/** How the client proves who it is, and what it trusts. `tokens`: where the mechanism wants some. */
export function securityOptions(broker: KafkaBroker, tokens?: Tokens): Options {
  return { ...tlsOptions(broker.tls), ...saslOptions(broker, tokens), reauthenticationThreshold };
}
