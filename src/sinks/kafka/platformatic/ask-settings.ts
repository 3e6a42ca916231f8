import { ConfigResourceTypes, type Connection, type describeConfigsV4, UnsupportedApiError } from '@platformatic/kafka';
import type { TopicSettings } from '../client.ts';
import { readSettings, settingNames } from '../topic-settings.ts';
import { type AnyProducer, call } from './call.ts';

/** By topic. One that we may not ask about is not in it. Rejects with the errors of the client. */
export async function askSettings(
  producer: AnyProducer,
  connection: Connection,
  topics: readonly string[],
): Promise<ReadonlyMap<string, TopicSettings>> {
  const found = new Map<string, TopicSettings>();
  const resources = topics.map((resourceName) => ({
    resourceType: ConfigResourceTypes.TOPIC,
    resourceName,
    configurationKeys: [...settingNames],
  }));
  const ask = call<describeConfigsV4.DescribeConfigsRequest, describeConfigsV4.DescribeConfigsResponse>;
  try {
    const { results } = await ask(producer, connection, 'DescribeConfigs', resources);
    for (const { resourceName, errorCode, configs } of results) {
      if (errorCode !== 0) continue;
      found.set(resourceName, readSettings(new Map(configs.map(({ name, value }) => [name, value]))));
    }
  } catch (error) {
    if (!(error instanceof UnsupportedApiError)) throw error;
  }
  return found;
}
