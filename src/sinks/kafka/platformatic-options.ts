import type { ProducerOptions, RetryDelayGetter } from '@platformatic/kafka';
import type { KafkaBroker, KafkaDestination } from './config.ts';

type Options = ProducerOptions<Buffer, Buffer, Buffer, Buffer>;

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

/**
 * Idempotent means acks=all here, and repeats within the client that cannot double anything; they go on until the
 * deadline, so `onRetry` is where to learn what goes wrong. Each attempt gets half of the deadline: a broker that
 * does not answer is tried again once.
 */
export function producerOptions(
  broker: KafkaBroker,
  { compression }: KafkaDestination,
  onRetry: (error: Error) => void,
): Options {
  const attemptMs = Math.ceil(broker.confirmTimeout / 2);
  const retryDelay: RetryDelayGetter = (_client, _operation, attempt, _retries, error) => {
    onRetry(error);
    return Math.min(50 * 2 ** Math.min(attempt - 1, 10), 1_000);
  };
  return {
    clientId: broker.clientId,
    bootstrapBrokers: [...broker.bootstrap],
    idempotent: true,
    autocreateTopics: false,
    compression,
    connectTimeout: Math.min(5_000, attemptMs),
    requestTimeout: attemptMs,
    timeout: attemptMs,
    metadataMaxAge: 30_000,
    retryDelay,
    ...tlsOptions(broker.tls),
    ...saslOptions(broker.sasl),
  };
}
