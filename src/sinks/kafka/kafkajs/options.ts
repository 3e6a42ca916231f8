import { CompressionTypes, type KafkaConfig, logLevel, type ProducerConfig } from 'kafkajs';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import type { Tokens } from '../tokens.ts';
import { securityOptions } from './security.ts';

/** Longest wait for an answer to a question, in milliseconds: a broker that does not answer leaves time to ask another one. */
export function askMs({ confirmTimeout }: KafkaBroker): number {
  return Math.ceil(confirmTimeout / 2);
}

/** The library cuts addresses at the first colon, which those of IPv6 are full of: they get names. */
export function bootstrapHosts({ bootstrap }: KafkaBroker): {
  readonly brokers: readonly string[];
  readonly hosts: ReadonlyMap<string, string>;
} {
  const hosts = new Map<string, string>();
  const brokers = bootstrap.map((address, at) => {
    const [, host, port] = /^\[(.*)\]:(\d+)$/.exec(address) ?? [];
    if (host === undefined) return address;
    hosts.set(`bootstrap-${at}`, host);
    return `bootstrap-${at}:${port}`;
  });
  return { brokers, hosts };
}

/**
 * No retries and no log of its own: failures are answers, and what to do about them is decided by the pipeline.
 * `requestMs`: longest wait for an answer; default: that to a question.
 */
export function clientOptions(
  broker: KafkaBroker,
  tokens?: Tokens,
  requestMs = askMs(broker),
): Omit<KafkaConfig, 'brokers' | 'socketFactory'> {
  const limit = askMs(broker);
  return {
    clientId: broker.clientId,
    connectionTimeout: Math.min(5_000, limit),
    authenticationTimeout: limit,
    requestTimeout: requestMs,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
    logCreator: () => () => {},
    ...securityOptions(broker, tokens),
  };
}

/**
 * Never idempotent: after a time-out the library uses a sequence number again, and the broker then takes new events for
 * old ones and confirms them unwritten.
 */
export const producerOptions: ProducerConfig = {
  idempotent: false,
  allowAutoTopicCreation: false,
  metadataMaxAge: 30_000,
  retry: { retries: 0 },
  createPartitioner:
    () =>
    ({ message }) =>
      message.partition ?? 0,
};

/** The two that the library has by itself. */
export const compressionTypes = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
} as const satisfies Partial<Record<KafkaDestination['compression'], CompressionTypes>>;
