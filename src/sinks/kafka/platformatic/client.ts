import { Producer, UserError } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import { type Answer, type KafkaClient, partitionName } from '../client.ts';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { missingTopic } from '../missing-topic.ts';
import type { Tokens } from '../tokens.ts';
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

  function missing(topic: string): BridgeError {
    return missingTopic(topic, brokerName, broker, producer.currentMetadata?.brokers.size);
  }

  async function ask(topics: readonly string[], signal: AbortSignal): Promise<Map<string, number | BridgeError>> {
    const metadata = await untilAborted(producer.metadata({ topics: [...topics], retries: 0 }), signal);
    return new Map(topics.map((topic) => [topic, metadata.topics.get(topic)?.partitionsCount ?? missing(topic)]));
  }

  async function askAlone(topic: string, signal: AbortSignal): Promise<number | BridgeError> {
    try {
      return (await ask([topic], signal)).get(topic) ?? missing(topic);
    } catch (error) {
      if (!(error instanceof UserError)) return failure(error);
      // So the client calls a topic that is not there, but other things too: over a good connection it is that.
      return await untilAborted(producer.metadata({ topics: [], forceUpdate: true, retries: 0 }), signal).then(
        () => missing(topic),
        failure,
      );
    }
  }

  return {
    async partitions(topics, signal) {
      lastTrouble = undefined;
      tlsTrouble = undefined;
      try {
        return await ask(topics, signal);
      } catch (error) {
        const shared = failure(error);
        if (topics.length === 0 || isConnectionFailure(shared)) return shared;
        // One bad topic fails the request for all of them.
        const found = new Map<string, number | BridgeError>();
        for (const topic of topics) {
          const count = await askAlone(topic, signal);
          if (count instanceof BridgeError && isConnectionFailure(count)) return count;
          found.set(topic, count);
        }
        return found;
      }
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
