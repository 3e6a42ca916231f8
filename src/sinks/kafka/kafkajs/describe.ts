import kafkajs, { type Admin } from 'kafkajs';
import { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import type { Description, TopicFacts } from '../client.ts';
import { isConnectionFailure } from '../connection-failure.ts';
import { missingTopic } from '../missing-topic.ts';
import { askEach } from './ask-each.ts';
import { type Access, type OpenKafka, openKafka } from './open-kafka.ts';
import { askSettings, askShapes } from './topic-questions.ts';

/** Over connections of its own. Never rejects. */
export async function describeTopics(
  topics: readonly string[],
  access: Access,
  seed: number,
  signal: AbortSignal,
): Promise<Description | BridgeError> {
  const { broker, brokerName } = access;
  let trouble = new BridgeError('BROKER_UNREACHABLE', `${brokerName}: nobody to ask`);
  // The library asks one server only.
  for (let attempt = 0; attempt < broker.bootstrap.length && !signal.aborted; attempt++) {
    const open = openKafka(access, seed + attempt);
    const admin = open.admin();
    try {
      await untilAborted(admin.connect(), signal);
      return await describe(admin, open, topics, access, signal);
    } catch (error) {
      const found = open.classify(error, brokerName);
      if (found.code === 'BROKER_AUTH_REFUSED') return found;
      // What went wrong with the server before says more than that the time is up.
      if (attempt === 0 || !signal.aborted) trouble = found;
    } finally {
      admin.disconnect().catch(() => {});
      await open.close();
    }
  }
  return trouble;
}

/** Rejects with the errors of the library. It cannot ask what we may do: nothing is said of writing. */
async function describe(
  admin: Admin,
  open: OpenKafka,
  topics: readonly string[],
  { broker, brokerName }: Access,
  signal: AbortSignal,
): Promise<Description> {
  const isShared = (error: unknown) => isConnectionFailure(open.classify(error, brokerName));

  const shapes = await askEach(topics, async (some) => askShapes(admin, some, signal), isShared);
  // It looks at all topics there are, and fails with any of them.
  const brokers = await untilAborted(admin.describeCluster(), signal).then(
    (cluster) => cluster.brokers.length,
    (error: unknown) => {
      if (isShared(error)) throw error;
      return undefined;
    },
  );
  const good = topics.filter((topic) => 'found' in (shapes.get(topic) ?? {}));
  const settings = await askEach(good, async (some) => askSettings(admin, some, signal), isShared);

  function factsOf(topic: string): TopicFacts | BridgeError {
    const shape = shapes.get(topic);
    if (shape && 'found' in shape) {
      const told = settings.get(topic);
      return { ...shape.found, writable: undefined, settings: told && 'found' in told ? told.found : undefined };
    }
    const where = `${brokerName}, topic ${topic}`;
    const problem = shape && open.classify(shape.refusal, where);
    if (!problem || problem.code === 'DESTINATION_MISSING') return missingTopic(topic, brokerName, broker, brokers);
    const { refusal } = shape;
    const text = refusal instanceof kafkajs.KafkaJSProtocolError ? `${where}: ${refusal.type}` : problem.message;
    return new BridgeError(problem.code, text, { cause: refusal });
  }
  return { brokers, topics: new Map(topics.map((topic) => [topic, factsOf(topic)])) };
}
