import kafkajs, { type AclOperationTypes, type AclPermissionTypes, Kafka, logLevel } from 'kafkajs';
import { patiently } from './patiently.ts';

export interface TopicSettings {
  readonly partitions?: number;
  /** Default: 1. */
  readonly replicas?: number;
  readonly config?: Readonly<Record<string, string>>;
}

let count = 0;

/** Creates a topic with a name of its own that begins with `stem`, and gives the name. */
export async function createTopic(bootstrap: string, stem: string, settings: TopicSettings = {}): Promise<string> {
  const name = uniqueName(stem);
  await createTopics(bootstrap, [name], settings);
  return name;
}

/** A name that no other test uses. */
export function uniqueName(stem: string): string {
  return `${stem}-${process.pid}-${Date.now().toString(36)}-${count++}`;
}

/** Creates topics of these very names. */
export async function createTopics(
  bootstrap: string,
  names: readonly string[],
  settings: TopicSettings = {},
): Promise<void> {
  const configEntries = Object.entries(settings.config ?? {}).map(([name, value]) => ({ name, value }));
  const topics = names.map((topic) => ({
    topic,
    numPartitions: settings.partitions ?? 1,
    replicationFactor: settings.replicas ?? 1,
    configEntries,
  }));
  await withAdmin(bootstrap, async (admin) => {
    await patiently(() => admin.createTopics({ topics, waitForLeaders: false }));
    // Offsets are told only by a leader that is at work.
    for (const name of names) await patiently(() => admin.fetchTopicOffsets(name));
  });
}

/** Resolves when the broker knows it: before that, it goes on confirming events that are gone with the topic. */
export async function deleteTopic(bootstrap: string, name: string): Promise<void> {
  await withAdmin(bootstrap, async (admin) => {
    await admin.deleteTopics({ topics: [name] });
    await patiently(async () => {
      if ((await admin.listTopics()).includes(name)) throw new Error(`${name} is still there`);
    });
  });
}

/** Changes settings of a topic; those not given keep what they are by default. */
export async function setTopicConfig(
  bootstrap: string,
  name: string,
  config: Readonly<Record<string, string>>,
): Promise<void> {
  const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }));
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  await withAdmin(bootstrap, async (admin) => {
    await admin.alterConfigs({ validateOnly: false, resources: [{ type, name, configEntries }] });
  });
}

/** Nobody may write to it any more; with `nothing`, nobody may even ask for it. */
export async function forbidTopic(bootstrap: string, name: string, allowed: 'describe' | 'nothing'): Promise<void> {
  const rule = (operation: AclOperationTypes, permissionType: AclPermissionTypes) => ({
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: name,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: 'User:*',
    host: '*',
    operation,
    permissionType,
  });
  const acl = [rule(kafkajs.AclOperationTypes.WRITE, kafkajs.AclPermissionTypes.DENY)];
  if (allowed === 'describe') acl.push(rule(kafkajs.AclOperationTypes.DESCRIBE, kafkajs.AclPermissionTypes.ALLOW));
  await withAdmin(bootstrap, async (admin) => void (await admin.createAcls({ acl })));
}

/** Nobody may use this transactional id any more. */
export async function forbidTransactions(bootstrap: string, transactionalId: string): Promise<void> {
  const rule = {
    resourceType: kafkajs.AclResourceTypes.TRANSACTIONAL_ID,
    resourceName: transactionalId,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: 'User:*',
    host: '*',
    operation: kafkajs.AclOperationTypes.ALL,
    permissionType: kafkajs.AclPermissionTypes.DENY,
  };
  await withAdmin(bootstrap, async (admin) => void (await admin.createAcls({ acl: [rule] })));
}

type Admin = ReturnType<Kafka['admin']>;

async function withAdmin(bootstrap: string, work: (admin: Admin) => Promise<void>): Promise<void> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Most bytes that the topic takes in one write, from now on. */
export async function setTopicLimit(bootstrap: string, topic: string, bytes: number): Promise<void> {
  const configEntries = [{ name: 'max.message.bytes', value: String(bytes) }];
  await withAdmin(bootstrap, async (admin) => {
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
  });
}
