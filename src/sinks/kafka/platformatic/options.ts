import type { ProducerOptions, RetryDelayGetter } from '@platformatic/kafka';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import type { SecurityOptions } from './security.ts';

const longestTimerMs = 2 ** 31 - 1;

type Options = ProducerOptions<Buffer, Buffer, Buffer, Buffer>;

/**
 * Idempotent means acks=all here, and repeats within the client that cannot double anything; they go on until the
 * deadline, so `onRetry` is where to learn what goes wrong. When it gives false, there is no repeat until the client is
 * closed. Each attempt gets half of the deadline: a broker that does not answer is tried again once.
 */
export function producerOptions(
  broker: KafkaBroker,
  { compression }: Pick<KafkaDestination, 'compression'>,
  onRetry: (error: Error) => boolean,
  security: SecurityOptions = {},
): Options {
  const attemptMs = Math.ceil(broker.confirmTimeout / 2);
  const retryDelay: RetryDelayGetter = (_client, _operation, attempt, _retries, error) => {
    if (!onRetry(error)) return longestTimerMs;
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
    // It would forget the broker's answer for the other partitions.
    repeatOnStaleMetadata: false,
    retryDelay,
    ...security,
  };
}
