import { Producer, UserError } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { type Answer, type KafkaClient, type KafkaRecord, partitionName } from '../client.ts';
import type { KafkaBroker, KafkaDestination } from '../config.ts';
import { untilAborted } from '../deadline.ts';
import { missingTopic } from '../missing-topic.ts';
import { classify } from './classify.ts';
import { producerOptions } from './options.ts';
import { readRejection } from './rejection.ts';

/** Closing waits for sockets to drain, which a broker that hangs never lets happen. */
const closeMs = 1_000;

/** @platformatic/kafka behind our border. */
export function createPlatformaticClient(
  broker: KafkaBroker,
  destination: KafkaDestination,
  brokerName: string,
): KafkaClient {
  let lastTrouble: Error | undefined;
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>(
    producerOptions(broker, destination, (error) => {
      lastTrouble = error;
    }),
  );

  /** For a call that was given up: the reason, or better what the client was struggling with all the time. */
  function failure(error: unknown): BridgeError {
    if (!(error instanceof BridgeError) || error.code !== 'BROKER_TIMEOUT' || !lastTrouble) {
      return classify(error, brokerName);
    }
    const { code, message, disposition } = classify(lastTrouble, error.message);
    return disposition === 'retryable' ? new BridgeError(code, message, { cause: lastTrouble }) : error;
  }

  async function ask(topics: readonly string[], signal: AbortSignal): Promise<Map<string, number | BridgeError>> {
    const metadata = await untilAborted(producer.metadata({ topics: [...topics], retries: 0 }), signal);
    return new Map(
      topics.map((topic) => [
        topic,
        metadata.topics.get(topic)?.partitionsCount ?? missingTopic(topic, brokerName, broker.bootstrap),
      ]),
    );
  }

  async function askAlone(topic: string, signal: AbortSignal): Promise<number | BridgeError> {
    try {
      return (await ask([topic], signal)).get(topic) ?? missingTopic(topic, brokerName, broker.bootstrap);
    } catch (error) {
      if (!(error instanceof UserError)) return failure(error);
      // So the client calls a topic that is not there, but other things too: over a good connection it is that.
      return await untilAborted(producer.metadata({ topics: [], forceUpdate: true, retries: 0 }), signal).then(
        () => missingTopic(topic, brokerName, broker.bootstrap),
        failure,
      );
    }
  }

  return {
    async partitions(topics, signal) {
      lastTrouble = undefined;
      try {
        return await ask(topics, signal);
      } catch (error) {
        const shared = failure(error);
        if (topics.length === 0 || isAboutConnection(shared)) return shared;
        // One bad topic fails the request for all of them.
        const found = new Map<string, number | BridgeError>();
        for (const topic of topics) {
          const count = await askAlone(topic, signal);
          if (count instanceof BridgeError && isAboutConnection(count)) return count;
          found.set(topic, count);
        }
        return found;
      }
    },

    async send(records, signal) {
      const partitions = new Set(records.map(({ topic, partition }) => partitionName(topic, partition)));
      lastTrouble = undefined;
      try {
        if (producer.producerId === undefined) await untilAborted(producer.initIdempotentProducer({}), signal);
      } catch (error) {
        const refused: Answer = { status: 'refused', error: failure(error) };
        return new Map(Array.from(partitions, (partition) => [partition, refused]));
      }
      try {
        const { offsets = [] } = await untilAborted(producer.send({ messages: records.map(toMessage) }), signal);
        return new Map<string, Answer>(
          offsets.map(({ topic, partition, offset }) => [
            partitionName(topic, partition),
            { status: 'written', firstOffset: offset },
          ]),
        );
      } catch (error) {
        return readRejection(signal.aborted ? failure(error) : error, partitions, brokerName);
      }
    },

    async close() {
      const sockets = Array.from(producer.connections, ([, connection]) => connection.socket);
      const destroy = () => {
        for (const socket of sockets) socket?.destroy();
      };
      const timer = setTimeout(destroy, closeMs);
      await producer.close().catch(destroy);
      clearTimeout(timer);
    },
  };
}

function isAboutConnection({ code }: BridgeError): boolean {
  return (
    code === 'BROKER_UNREACHABLE' || code === 'BROKER_TIMEOUT' || code === 'BROKER_AUTH_REFUSED' || code === 'STOPPING'
  );
}

function toMessage({ topic, partition, key, value, headers }: KafkaRecord) {
  return { topic, partition, key, value, headers };
}
