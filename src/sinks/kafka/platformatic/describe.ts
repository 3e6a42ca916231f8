import { AclOperations, type metadataV12 } from '@platformatic/kafka';
import type { BridgeError } from '../../../core/errors.ts';
import { untilAborted } from '../../deadline.ts';
import type { Description, TopicFacts } from '../client.ts';
import type { KafkaBroker } from '../config.ts';
import { missingTopic } from '../missing-topic.ts';
import { askSettings } from './ask-settings.ts';
import { type AnyProducer, call } from './call.ts';
import { classifyAnswer } from './classify.ts';

type Topic = metadataV12.MetadataResponseTopic;

const unknownTopic = 3;
/** In place of a set of operations, where the broker does not say. */
const notTold = -(2 ** 31);

function isWritable({ topicAuthorizedOperations: allowed }: Topic): boolean | undefined {
  // Old versions of the protocol do not have it.
  if (allowed === undefined || allowed === notTold) return undefined;
  return (allowed & (1 << AclOperations.WRITE)) !== 0;
}

/** All topics in two requests, to any broker of the cluster. Rejects with the errors of the client. */
export async function describeTopics(
  producer: AnyProducer,
  topics: readonly string[],
  brokerName: string,
  broker: KafkaBroker,
  signal: AbortSignal,
): Promise<Description> {
  const cluster = await untilAborted(producer.metadata({ topics: [], retries: 0 }), signal);
  const nodes = [...cluster.brokers.values()];
  const connection = await untilAborted(producer.connections.getFirstAvailable(nodes), signal);
  const ask = call<metadataV12.MetadataRequest, metadataV12.MetadataResponse>;
  const metadata = await untilAborted(ask(producer, connection, 'Metadata', [...topics], false, true), signal);

  function problemOf({ name, errorCode, partitions }: Topic): BridgeError | undefined {
    if (errorCode === unknownTopic) return missingTopic(name ?? '', brokerName, broker, nodes.length);
    const first = errorCode || partitions.find((partition) => partition.errorCode !== 0)?.errorCode;
    return first ? classifyAnswer(first, null, `${brokerName}, topic ${name}`) : undefined;
  }

  const problems = new Map(metadata.topics.map((topic) => [topic, problemOf(topic)] as const));
  const good = metadata.topics.flatMap((topic) => (problems.get(topic) ? [] : (topic.name ?? [])));
  const settings = await untilAborted(askSettings(producer, connection, good), signal);
  const factsOf = (topic: Topic): TopicFacts => ({
    partitions: topic.partitions.length,
    replicas: Math.min(...topic.partitions.map(({ replicaNodes }) => replicaNodes.length)),
    writable: isWritable(topic),
    settings: settings.get(topic.name ?? ''),
  });
  return {
    brokers: nodes.length,
    topics: new Map(Array.from(problems, ([topic, problem]) => [topic.name ?? '', problem ?? factsOf(topic)])),
  };
}
