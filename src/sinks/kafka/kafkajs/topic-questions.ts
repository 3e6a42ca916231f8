import kafkajs, { type Admin } from 'kafkajs';
import { untilAborted } from '../../deadline.ts';
import type { TopicFacts, TopicSettings } from '../client.ts';
import { readSettings, settingNames } from '../topic-settings.ts';

/** What the metadata of a topic tells. */
type Shape = Pick<TopicFacts, 'partitions' | 'replicas'>;

/** Rejects with the error of one topic for all of them. */
export async function askShapes(
  admin: Admin,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Shape>> {
  const metadata = await untilAborted(admin.fetchTopicMetadata({ topics: [...topics] }), signal);
  return new Map(
    metadata.topics.map(({ name, partitions }) => [
      name,
      {
        partitions: partitions.length,
        replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
      },
    ]),
  );
}

/** Rejects with the error of one topic for all of them. */
export async function askSettings(
  admin: Admin,
  topics: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, TopicSettings>> {
  const resources = topics.map((name) => ({
    type: kafkajs.ConfigResourceTypes.TOPIC,
    name,
    configNames: [...settingNames],
  }));
  const described = await untilAborted(admin.describeConfigs({ resources, includeSynonyms: false }), signal);
  return new Map(
    described.resources.map(({ resourceName, configEntries }) => [
      resourceName,
      readSettings(new Map(configEntries.map(({ configName, configValue }) => [configName, configValue]))),
    ]),
  );
}
