import type { ConnectionOptions, SASLOptions } from '@platformatic/kafka';
import type { KafkaBroker } from '../config.ts';
import { tokenRefusal } from '../token-refusal.ts';
import type { Tokens } from '../tokens.ts';

export type SecurityOptions = Pick<ConnectionOptions, 'tls' | 'sasl'>;

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

function tlsOptions(tls: KafkaBroker['tls']): Pick<SecurityOptions, 'tls'> {
  if (tls === false) return {};
  if (tls === true) return { tls: {} };
  const { ca, cert, key } = tls;
  return {
    tls: {
      ...(ca && { ca: ca.reveal() }),
      ...(cert && { cert: cert.reveal() }),
      ...(key && { key: key.reveal() }),
    },
  };
}

/** Left to itself, the library takes a refused token for an accepted one. */
function bearer(tokens: Tokens, extensions: Readonly<Record<string, string>>): SASLOptions {
  return {
    mechanism: 'OAUTHBEARER',
    token: tokens.get,
    oauthBearerExtensions: { ...extensions },
    authBytesValidator(answer, callback) {
      const refusal = tokenRefusal(answer);
      if (refusal) tokens.drop();
      callback(refusal ?? null, answer);
    },
  };
}

function saslOptions({ sasl }: KafkaBroker, tokens: Tokens | undefined): Pick<SecurityOptions, 'sasl'> {
  if (sasl === undefined) return {};
  if ('password' in sasl) {
    const { mechanism, username, password } = sasl;
    return { sasl: { mechanism: mechanisms[mechanism], username, password: password.reveal() } };
  }
  if (!tokens) return {};
  return { sasl: bearer(tokens, sasl.mechanism === 'oauthbearer' ? sasl.extensions : {}) };
}

/** How the client proves who it is, and what it trusts. `tokens`: where the mechanism wants some. */
export function securityOptions(broker: KafkaBroker, tokens: Tokens | undefined): SecurityOptions {
  return { ...tlsOptions(broker.tls), ...saslOptions(broker, tokens) };
}
