import kafkajs, { Kafka, logLevel } from 'kafkajs';
import { patiently } from '../kafka/patiently.ts';
import { nodeId } from '../kafka/server-properties.ts';
import { createTopics, forbidTopic } from '../kafka/topics.ts';
import type { Trouble } from './time-to-drain.ts';
import { timed } from './verdict.ts';

/** What one broker can do to a topic. */
export const illTopics: Readonly<Record<string, Trouble>> = {
  'topic is missing': { code: 'DESTINATION_MISSING' },
  'topic may not be written to': {
    async prepare(bootstrap, topic) {
      await createTopics(bootstrap, [topic], { config: timed });
      await forbidTopic(bootstrap, topic, 'describe');
    },
    code: 'BROKER_NOT_AUTHORISED',
  },
  'topic may not even be asked for': {
    async prepare(bootstrap, topic) {
      await createTopics(bootstrap, [topic], { config: timed });
      await forbidTopic(bootstrap, topic, 'nothing');
    },
    code: 'BROKER_NOT_AUTHORISED',
  },
  'topic takes no event for its size': {
    prepare: (bootstrap, topic) =>
      createTopics(bootstrap, [topic], { config: { ...timed, 'max.message.bytes': '300' } }),
    code: 'EVENT_TOO_LARGE',
    setsAside: true,
  },
};

/** Creates a topic of one partition whose replicas are on these nodes of a cluster, by index. */
export async function createTopicOn(
  bootstrap: string,
  topic: string,
  nodes: readonly number[],
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
  const replicaAssignment = [{ partition: 0, replicas: nodes.map(nodeId) }];
  const topics = [{ topic, numPartitions: -1, replicationFactor: -1, replicaAssignment, configEntries }];
  try {
    await admin.createTopics({ topics, waitForLeaders: false });
    await patiently(() => admin.fetchTopicOffsets(topic));
  } finally {
    await admin.disconnect();
  }
}

/** Lifts every rule there is for a topic. */
export async function allowTopic(bootstrap: string, topic: string): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const filter = {
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    operation: kafkajs.AclOperationTypes.ANY,
    permissionType: kafkajs.AclPermissionTypes.ANY,
  };
  try {
    await admin.deleteAcls({ filters: [filter] });
  } finally {
    await admin.disconnect();
  }
}
