import type { BridgeError } from '../../../core/errors.ts';
import type { Description, TopicFacts } from '../client.ts';
import { untilAborted } from '../deadline.ts';
import { missingTopic } from '../missing-topic.ts';
import { type Access, openKafka } from './open-kafka.ts';

/** Over connections of its own. Never rejects. */
export async function describeTopics(
  topics: readonly string[],
  access: Access,
  seed: number,
  signal: AbortSignal,
): Promise<Description | BridgeError> {
  const { broker, brokerName } = access;
  const open = openKafka(access, seed);
  const admin = open.admin();
  try {
    await untilAborted(admin.connect(), signal);
    const { brokers } = await untilAborted(admin.describeCluster(), signal);
    const found = new Map<string, TopicFacts | BridgeError>();
    for (const topic of topics) {
      found.set(topic, await facts(topic).catch((error: unknown) => problem(topic, error, brokers.length)));
    }
    return { brokers: brokers.length, topics: found };
  } catch (error) {
    return open.classify(error, brokerName);
  } finally {
    admin.disconnect().catch(() => {});
    await open.close();
  }

  async function facts(topic: string): Promise<TopicFacts> {
    const metadata = await untilAborted(admin.fetchTopicMetadata({ topics: [topic] }), signal);
    const partitions = metadata.topics.flatMap((found) => found.partitions);
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    return { partitions: partitions.length, replicas, writable: undefined, settings: undefined };
  }

  function problem(topic: string, error: unknown, brokers: number): BridgeError {
    const found = open.classify(error, `${brokerName}, topic ${topic}`);
    return found.code === 'DESTINATION_MISSING' ? missingTopic(topic, brokerName, broker, brokers) : found;
  }
}
