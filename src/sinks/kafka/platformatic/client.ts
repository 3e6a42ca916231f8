import { Producer } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { type Answer, type KafkaClient, partitionName } from '../client.ts';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import type { Tokens } from '../tokens.ts';
import { askPartitions } from './ask-partitions.ts';
import { classify } from './classify.ts';
import { closeProducer } from './close-producer.ts';
import { followConnections } from './connections.ts';
import { describeTopics } from './describe.ts';
import { producerOptions } from './options.ts';
import { createProducing } from './produce.ts';
import { securityOptions } from './security.ts';

/** @platformatic/kafka behind our border. */
export function createPlatformaticClient(
  broker: KafkaBroker,
  destination: KafkaDestination,
  brokerName: string,
  tokens?: Tokens,
): KafkaClient {
  let lastTrouble: Error | undefined;
  let tlsTrouble: BridgeError | undefined;
  const noteTrouble = (error: Error) => {
    lastTrouble = error;
  };
  const security = securityOptions(broker, tokens);
  const onRetry = (error: Error) => {
    noteTrouble(error);
    return !producing.settles(error);
  };
  const options = producerOptions(broker, destination, onRetry, security);
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>(options);
  const producing = createProducing(producer, brokerName);
  const connections = followConnections(producer.connections, security.tls, (error) => {
    const found = classify(error, brokerName);
    if (found.code === 'BROKER_TLS_REFUSED') tlsTrouble = found;
  });

  /** The reason; or better what the client was struggling with, for a call that was given up or lost its connection. */
  function failure(error: unknown): BridgeError {
    const found = classify(error, brokerName);
    const isLost = found.code === 'BROKER_UNREACHABLE' || found.code === 'BROKER_TIMEOUT';
    if (isLost && tlsTrouble) return tlsTrouble;
    if (!(error instanceof BridgeError) || error.code !== 'BROKER_TIMEOUT' || !lastTrouble) return found;
    const { code, message, disposition } = classify(lastTrouble, error.message);
    return disposition === 'retryable' ? new BridgeError(code, message, { cause: lastTrouble }) : error;
  }

  return {
    async partitions(topics, signal) {
      lastTrouble = undefined;
      tlsTrouble = undefined;
      return await askPartitions(producer, brokerName, broker, failure, topics, signal);
    },

    describe: (topics, signal) => describeTopics(producer, topics, brokerName, broker, signal).catch(failure),

    async send(records, signal) {
      const partitions = new Set(records.map(({ topic, partition }) => partitionName(topic, partition)));
      lastTrouble = undefined;
      tlsTrouble = undefined;
      try {
        if (producer.producerId === undefined) await untilAborted(producer.initIdempotentProducer({}), signal);
      } catch (error) {
        const refused: Answer = { status: 'refused', error: failure(error) };
        return new Map(Array.from(partitions, (partition) => [partition, refused]));
      }
      return await producing.send(records, signal, failure);
    },

    close: () => closeProducer(producer, connections),
  };
}
