import type { ConnectionOptions } from '@platformatic/kafka';
import type { KafkaBroker } from '../config.ts';

type Options = Pick<ConnectionOptions, 'tls' | 'sasl'>;

const mechanisms = { plain: 'PLAIN', 'scram-sha-256': 'SCRAM-SHA-256', 'scram-sha-512': 'SCRAM-SHA-512' } as const;

function tlsOptions(tls: KafkaBroker['tls']): Pick<Options, 'tls'> {
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

function saslOptions(sasl: KafkaBroker['sasl']): Pick<Options, 'sasl'> {
  if (sasl === undefined) return {};
  const { mechanism, username, password } = sasl;
  return { sasl: { mechanism: mechanisms[mechanism], username, password: password.reveal() } };
}

/** How the client proves who it is, and what it trusts. */
export function securityOptions({ tls, sasl }: KafkaBroker): Options {
  return { ...tlsOptions(tls), ...saslOptions(sasl) };
}
