import type { Admin } from 'kafkajs';
import { BridgeError } from '../../../core/errors.ts';
import type { Partitions } from '../client.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { untilAborted } from '../deadline.ts';
import { missingTopic } from '../missing-topic.ts';
import { type Access, type OpenKafka, openKafka } from './open-kafka.ts';

/**
 * Asks over connections of its own, each used once: the library keeps a topic that has failed in mind, and one bad topic
 * then fails every question; and it never notices that a topic it has seen is gone.
 */
export async function askPartitions(
  topics: readonly string[],
  access: Access,
  seed: number,
  signal: AbortSignal,
): Promise<Partitions | BridgeError> {
  const { broker, brokerName } = access;
  // The library asks any one of the cluster, also one that has just died.
  const attempts = broker.bootstrap.length + 2;
  let trouble: BridgeError | undefined;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const open = openKafka(access, seed + attempt);
    const admin = open.admin();
    const found = await ask(open, admin);
    admin.disconnect().catch(() => {});
    await open.close();
    if (!(found instanceof BridgeError)) return found;
    if (signal.aborted) return trouble && found.code === 'BROKER_TIMEOUT' ? trouble : found;
    if (found.code === 'BROKER_AUTH_REFUSED') return found;
    trouble = found;
  }
  return trouble ?? new BridgeError('BROKER_UNREACHABLE', `${brokerName}: nobody to ask`);

  async function ask(open: OpenKafka, admin: Admin): Promise<Partitions | BridgeError> {
    try {
      await untilAborted(admin.connect(), signal);
      // An empty question would be answered with all topics there are.
      return topics.length === 0 ? new Map() : await count(admin, topics);
    } catch (error) {
      const shared = open.classify(error, brokerName);
      if (topics.length === 0 || isConnectionFailure(shared)) return shared;
    }
    const found = new Map<string, number | BridgeError>();
    for (const topic of topics) {
      const [partitions] = await count(admin, [topic]).then(
        (counts) => [...counts.values()],
        (error: unknown) => [open.classify(error, `${brokerName}, topic ${topic}`)],
      );
      if (partitions instanceof BridgeError && isConnectionFailure(partitions)) return partitions;
      const isMissing = partitions instanceof BridgeError && partitions.code === 'DESTINATION_MISSING';
      found.set(topic, isMissing || !partitions ? missingTopic(topic, brokerName, broker) : partitions);
    }
    return found;
  }

  async function count(admin: Admin, names: readonly string[]): Promise<Map<string, number | BridgeError>> {
    const metadata = await untilAborted(admin.fetchTopicMetadata({ topics: [...names] }), signal);
    return new Map(
      names.map((topic) => [
        topic,
        metadata.topics.find(({ name }) => name === topic)?.partitions.length ??
          missingTopic(topic, brokerName, broker),
      ]),
    );
  }
}
