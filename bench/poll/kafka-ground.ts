import { join } from 'node:path';
import { readTopic } from '../../test/support/kafka/read-topic.ts';
import { createTopic, deleteTopic } from '../../test/support/kafka/topics.ts';
import type { KafkaClientName } from '../support/bare-kafka.ts';
import { startProgram, startScript } from '../support/child.ts';
import { startBenchBroker } from '../support/kafka-broker.ts';
import { startPollingBridge } from './bridge.ts';
import { type Ground, type Stored, type Subject, sequenceOfEvent, sequenceOfNotification } from './subject.ts';

const partitions = 6;

/**
 * Topics of a Kafka broker: all feeds in one topic, with the feed as the key. `yardstick` is the path of a program that
 * does the same as the bare loop, in Go with franz-go, and is told where by flags.
 */
export async function openKafkaGround(client: KafkaClientName, yardstick: string | undefined): Promise<Ground> {
  const broker = await startBenchBroker();
  const { bootstrap } = broker;

  async function read(topic: string, sequenceOf: (value: string) => number): Promise<Stored> {
    const feeds = new Map<string, number[]>();
    for (const { key = '', value } of await readTopic(bootstrap, topic)) {
      const sequence = sequenceOf(value.toString());
      const known = feeds.get(key);
      if (known) known.push(sequence);
      else feeds.set(key, [sequence]);
    }
    return feeds;
  }

  const bare: Subject = {
    name: 'bare loop',
    start: (baseUrl, topic) =>
      startScript(join(import.meta.dirname, 'bare-kafka.ts'), [baseUrl, bootstrap, topic, client]),
    read: (topic) => read(topic, sequenceOfNotification),
  };
  const bridge: Subject = {
    name: 'feedferry',
    start(baseUrl, topic, dir, nodeOptions) {
      const choice = client === 'platformatic' ? {} : { client };
      const settings = { baseUrl, dir, broker: { type: 'kafka', bootstrap: [bootstrap], ...choice }, to: { topic } };
      return startPollingBridge(settings, nodeOptions);
    },
    read: (topic) => read(topic, sequenceOfEvent),
  };
  const program = (path: string): Subject => ({
    name: 'yardstick',
    start: (baseUrl, topic) =>
      startProgram(path, ['yard', '-mode', 'w2', '-brokers', bootstrap, '-topic', topic, '-feed', baseUrl], 'silent'),
    read: (topic) => read(topic, sequenceOfNotification),
  });

  return {
    name: client === 'platformatic' ? 'poll-kafka' : `poll-kafka-${client}`,
    bare,
    bridge,
    others: yardstick === undefined ? [] : [program(yardstick)],
    async freshPlace() {
      const topic = await createTopic(bootstrap, 'bench', { partitions });
      return { name: topic, [Symbol.asyncDispose]: () => deleteTopic(bootstrap, topic) };
    },
    brokerCpuUs: () => broker.cpuUs(),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}
