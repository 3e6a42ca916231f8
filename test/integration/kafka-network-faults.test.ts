import type { FaultSubject } from '../conformance/sink-network/subject.ts';
import { sinkNetworkFaults } from '../conformance/sink-network.ts';
import type { FaultProxy } from '../support/fault-proxy/fault-proxy.ts';
import { proxiedKafkaSuite } from '../support/kafka/acquire.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { clients, openSink, readerFor } from '../support/kafka/sink-calls.ts';
import { createTopics, uniqueName } from '../support/kafka/topics.ts';

async function openSubject(
  bootstrap: string,
  proxy: FaultProxy,
  client: (typeof clients)[number],
): Promise<FaultSubject> {
  const stem = uniqueName('network');
  const topics = ['one', 'two', 'three'].map((feed) => `${stem}.${feed}`);
  await createTopics(bootstrap, topics, { partitions: 2 });
  return {
    sink: await openSink(proxy.address, { topic: `${stem}.{feed}`, broker: { client, confirmTimeout: '1500ms' } }),
    proxy,
    feeds: ['network/one', 'network/two', 'network/three'],
    ordered: true,
    async read() {
      const records = await Promise.all(topics.map((topic) => readTopic(bootstrap, topic, readerFor[client])));
      return records.flat().map(({ key = '', value }) => {
        const { id, data } = JSON.parse(value.toString());
        return { id, partitionkey: key, bytes: value, data: Buffer.from(JSON.stringify(data)) };
      });
    },
    [Symbol.asyncDispose]: () => proxy.heal(),
  };
}

const suite = await proxiedKafkaSuite(clients.length);

suite('the Kafka sink, when the network fails:', ({ bootstrap, proxies }) => {
  for (const [at, client] of clients.entries()) {
    sinkNetworkFaults({
      name: `kafka (${client})`,
      async open() {
        const proxy = proxies[at];
        if (!proxy) throw new Error(`${client} has no network`);
        return await openSubject(bootstrap, proxy, client);
      },
    });
  }
});
