import { UserError } from '@platformatic/kafka';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import type { Partitions } from '../client.ts';
import type { KafkaBroker } from '../config.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { missingTopic } from '../missing-topic.ts';
import type { AnyProducer } from './call.ts';

/** As `KafkaSender.partitions`. `failure`: what an error of the client means. */
export async function askPartitions(
  producer: AnyProducer,
  brokerName: string,
  broker: KafkaBroker,
  failure: (error: unknown) => BridgeError,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<Partitions | BridgeError> {
  function missing(topic: string): BridgeError {
    return missingTopic(topic, brokerName, broker, producer.currentMetadata?.brokers.size);
  }

  async function ask(wanted: readonly string[]): Promise<Map<string, number | BridgeError>> {
    const metadata = await untilAborted(producer.metadata({ topics: [...wanted], retries: 0 }), signal);
    return new Map(wanted.map((topic) => [topic, metadata.topics.get(topic)?.partitionsCount ?? missing(topic)]));
  }

  async function askAlone(topic: string): Promise<number | BridgeError> {
    try {
      return (await ask([topic])).get(topic) ?? missing(topic);
    } catch (error) {
      if (!(error instanceof UserError)) return failure(error);
      // So the client calls a topic that is not there, but other things too: over a good connection it is that.
      return await untilAborted(producer.metadata({ topics: [], forceUpdate: true, retries: 0 }), signal).then(
        () => missing(topic),
        failure,
      );
    }
  }

  try {
    return await ask(topics);
  } catch (error) {
    const shared = failure(error);
    if (topics.length === 0 || isConnectionFailure(shared)) return shared;
    // One bad topic fails the request for all of them.
    const found = new Map<string, number | BridgeError>();
    for (const topic of topics) {
      const count = await askAlone(topic);
      if (count instanceof BridgeError && isConnectionFailure(count)) return count;
      found.set(topic, count);
    }
    return found;
  }
}
