import type { StoredEvent } from '../../conformance/sink/harness.ts';
import type { FaultSubject } from '../../conformance/sink-network/subject.ts';
import type { FaultProxy } from '../fault-proxy/fault-proxy.ts';
import { readTopic } from './read-topic.ts';
import { type clients, openSink, readerFor } from './sink-calls.ts';
import { createTopics, type TopicSettings, uniqueName } from './topics.ts';

/** Where some feeds publish through a network of their own, each to a topic of its own. */
export interface FeedsPlace extends FaultSubject {
  readonly topics: readonly string[];
}

export interface FeedsOptions {
  readonly client: (typeof clients)[number];
  /** Of the broker's settings, over the usual ones. */
  readonly broker?: object;
  readonly config?: TopicSettings['config'];
}

/** Confirms are waited for during 1.5 s. `bootstrap`: round the proxy. */
export async function openFeedsPlace(
  bootstrap: string,
  proxy: FaultProxy,
  { client, broker, config = {} }: FeedsOptions,
): Promise<FeedsPlace> {
  const stem = uniqueName('outages');
  const topics = ['one', 'two', 'three'].map((feed) => `${stem}.${feed}`);
  await createTopics(bootstrap, topics, { partitions: 2, config });
  const settings = { client, confirmTimeout: '1500ms', ...broker };
  return {
    sink: await openSink(proxy.address, { topic: `${stem}.{feed}`, broker: settings }),
    proxy,
    topics,
    feeds: ['outages/one', 'outages/two', 'outages/three'],
    ordered: true,
    async read() {
      const records = await Promise.all(topics.map((topic) => readTopic(bootstrap, topic, readerFor[client])));
      return records.flat().map(({ key = '', value }): StoredEvent => {
        const { id, data } = JSON.parse(value.toString());
        return { id, partitionkey: key, bytes: value, data: Buffer.from(JSON.stringify(data)) };
      });
    },
    [Symbol.asyncDispose]: () => proxy.heal(),
  };
}
