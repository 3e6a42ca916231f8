import { join } from 'node:path';
import { readTopic } from '../../test/support/kafka/read-topic.ts';
import { createTopic, deleteTopic } from '../../test/support/kafka/topics.ts';
import type { KafkaClientName } from '../support/bare-kafka.ts';
import { startProgram, startScript } from '../support/child.ts';
import { startBenchBroker } from '../support/kafka-broker.ts';
import { collect, dataOfEvent, plainBody, type Stored } from '../support/stored.ts';
import { startHookedBridge } from './bridge.ts';
import type { Ground, Subject } from './subject.ts';

const partitions = 6;

/** Of what was sent without keys, the order is not known. */
function sorted(stored: Stored): Stored {
  return new Map(Array.from(stored, ([key, numbers]) => [key, numbers.toSorted((a, b) => a - b)]));
}

/**
 * Topics of a Kafka broker. `yardstick` is the path of a program that does the same as the bare handler, in Go with
 * franz-go, and is told where by flags; it verifies no signatures, and has no keys.
 */
export async function openKafkaGround(client: KafkaClientName, yardstick: string | undefined): Promise<Ground> {
  const broker = await startBenchBroker();
  const { bootstrap } = broker;

  async function read(topic: string, bodyIn: (value: unknown) => unknown): Promise<Stored> {
    const records = await readTopic(bootstrap, topic);
    return collect(
      records.map(({ value }) => value.toString()),
      bodyIn,
    );
  }

  const bare: Subject = {
    name: 'bare handler',
    start({ port, place, what }) {
      const args = [String(port), what.signed ? 'signed' : 'unsigned', bootstrap, place, client];
      return startScript(join(import.meta.dirname, 'bare-kafka.ts'), args);
    },
    read: (topic) => read(topic, plainBody),
  };
  const bridge: Subject = {
    name: 'feedferry',
    start(start, nodeOptions) {
      const choice = client === 'platformatic' ? {} : { client };
      const broker = { type: 'kafka', bootstrap: [bootstrap], ...choice };
      return startHookedBridge(start, { broker, to: { topic: start.place } }, nodeOptions);
    },
    read: (topic) => read(topic, dataOfEvent),
  };
  const program = (path: string): Subject => ({
    name: 'yardstick',
    takesPart: ({ signed }) => !signed,
    start({ port, place }) {
      const args = ['yard', '-mode', 'w1', '-brokers', bootstrap, '-topic', place, '-listen', `127.0.0.1:${port}`];
      return startProgram(path, args, 'silent');
    },
    read: async (topic) => sorted(await read(topic, plainBody)),
  });

  return {
    name: client === 'platformatic' ? 'webhook-kafka' : `webhook-kafka-${client}`,
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
