import type { Admin } from 'kafkajs';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import type { Partitions } from '../client.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { missingTopic } from '../missing-topic.ts';
import { askEach } from './ask-each.ts';
import { type Access, type OpenKafka, openKafka } from './open-kafka.ts';
import { askShapes } from './topic-questions.ts';

/**
 * Asks over connections of its own, each used once: the library keeps a topic that has failed in mind, and one bad topic
 * then fails every question; and it never notices that a topic it has seen is gone. Never rejects.
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
    const found = await ask(open, admin).catch((error: unknown) => open.classify(error, brokerName));
    admin.disconnect().catch(() => {});
    await open.close();
    if (!(found instanceof BridgeError)) return found;
    // What went wrong before says more than that the time is up.
    if (signal.aborted) return trouble && found.code === 'BROKER_TIMEOUT' ? trouble : found;
    if (found.disposition === 'fatal') return found;
    trouble = found;
  }
  return trouble ?? new BridgeError('BROKER_UNREACHABLE', `${brokerName}: nobody to ask`);

  async function ask(open: OpenKafka, admin: Admin): Promise<Partitions> {
    await untilAborted(admin.connect(), signal);
    const isShared = (error: unknown) => isConnectionFailure(open.classify(error, brokerName));
    const told = await askEach(topics, async (some) => askShapes(admin, some, signal), isShared);
    return new Map(
      topics.map((topic): [string, number | BridgeError] => {
        const answer = told.get(topic);
        if (answer && 'found' in answer) return [topic, answer.found.partitions];
        const problem = answer && open.classify(answer.refusal, `${brokerName}, topic ${topic}`);
        const isMissing = !problem || problem.code === 'DESTINATION_MISSING';
        return [topic, isMissing ? missingTopic(topic, brokerName, broker) : problem];
      }),
    );
  }
}
