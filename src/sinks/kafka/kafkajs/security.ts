import type { KafkaConfig } from 'kafkajs';
import type { KafkaBroker } from '../config.ts';
import type { Tokens } from '../tokens.ts';

export type SecurityOptions = Pick<KafkaConfig, 'ssl' | 'sasl'>;

function tlsOptions(tls: KafkaBroker['tls']): Pick<SecurityOptions, 'ssl'> {
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

function saslOptions({ sasl }: KafkaBroker, tokens: Tokens | undefined): Pick<SecurityOptions, 'sasl'> {
  if (sasl === undefined) return {};
  if (!('password' in sasl)) {
    if (!tokens) return {};
    const extensions = sasl.mechanism === 'oauthbearer' ? sasl.extensions : {};
    const oauthBearerProvider = async () => ({ value: await tokens.get(), extensions });
    return { sasl: { mechanism: 'oauthbearer', oauthBearerProvider } };
  }
  const { mechanism, username } = sasl;
  const credentials = { username, password: sasl.password.reveal() };
  switch (mechanism) {
    case 'plain':
      return { sasl: { mechanism, ...credentials } };
    case 'scram-sha-256':
      return { sasl: { mechanism, ...credentials } };
    case 'scram-sha-512':
      return { sasl: { mechanism, ...credentials } };
  }
}

/** How the client proves who it is, and what it trusts. `tokens`: where the mechanism wants some. */
export function securityOptions(broker: KafkaBroker, tokens: Tokens | undefined): SecurityOptions {
  return { ...tlsOptions(broker.tls), ...saslOptions(broker, tokens) };
}
