import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { createTopics, type TopicSettings, uniqueName } from '../support/kafka/topics.ts';
import type { Ground } from './ground.ts';

export interface KafkaGround extends Ground {
  /** One for each feed. */
  readonly topics: readonly string[];
}

export interface KafkaGroundOptions {
  /** Of the broker in the bridge's configuration: `{ client: 'kafkajs' }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly topics?: TopicSettings;
  /** Whether bridges write by transactions: what was not committed is then not stored. */
  readonly exactlyOnce?: boolean;
  /** Where the bridges find the broker, when that is not where everybody else does. */
  readonly bridgeBootstrap?: string;
}

/** A topic for each feed, read with the library that is not under test. `bootstrap`: `host:port`, several with commas. */
export async function kafkaGround(
  bootstrap: string,
  { settings = {}, topics = {}, exactlyOnce = false, bridgeBootstrap = bootstrap }: KafkaGroundOptions = {},
): Promise<KafkaGround> {
  const prefix = `${uniqueName('crash')}.`;
  const names = feedNames.map((feed) => prefix + feed);
  await createTopics(bootstrap, names, {
    ...topics,
    config: { 'message.timestamp.type': 'LogAppendTime', ...topics.config },
  });
  const marks = `${prefix}marks`;
  if (exactlyOnce) {
    await createTopics(bootstrap, [marks], { ...topics, partitions: 1, config: { 'cleanup.policy': 'compact' } });
  }
  const plain = settings['client'] === 'kafkajs' ? 'platformatic' : 'kafkajs';
  const reader = exactlyOnce ? 'committed' : plain;
  return {
    destination: {
      broker: { type: 'kafka', bootstrap: bridgeBootstrap.split(','), ...settings },
      to: { topic: `${prefix}{feed}`, ...(exactlyOnce && { marks, transactionalIdPrefix: prefix }) },
    },
    topics: names,
    keepsOrder: true,
    async read() {
      const perFeed = feedNames.map(async (feed) => {
        const records = await readTopic(bootstrap, prefix + feed, reader);
        return records.map(({ value, timestamp, partition }) => ({
          feed,
          bytes: value,
          place: partition,
          appendedAt: timestamp,
        }));
      });
      return (await Promise.all(perFeed)).flat();
    },
    async [Symbol.asyncDispose]() {},
  };
}
