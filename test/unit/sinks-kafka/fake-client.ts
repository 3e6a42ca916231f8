import { BridgeError } from '../../../src/core/errors.ts';
import {
  type Answer,
  type Description,
  type KafkaClient,
  type KafkaRecord,
  partitionName,
} from '../../../src/sinks/kafka/client.ts';

export interface FakeClient extends KafkaClient {
  /** Values in each partition, as written. */
  readonly log: Map<string, string[]>;
  /** Values of each send, in order. */
  readonly sends: string[][];
  /** Topics of each question for partitions. */
  readonly asked: string[][];
  /** Consulted before each send: what it gives for a partition is answered instead of writing. */
  answer: (partition: string, records: readonly KafkaRecord[]) => Answer | undefined;
  /** What it says of itself and its topics. */
  description: Description | BridgeError;
}

export function tooLarge(partition: string): Answer {
  return { status: 'refused', error: new BridgeError('EVENT_TOO_LARGE', `${partition}: MESSAGE_TOO_LARGE`) };
}

/** A broker in memory. `partitions` says how many each topic has; other topics are missing. */
export function createFakeClient(partitions: Record<string, number | BridgeError>): FakeClient {
  const client: FakeClient = {
    log: new Map(),
    sends: [],
    asked: [],
    answer: () => undefined,
    description: { brokers: 1, topics: new Map() },
    async describe(topics) {
      client.asked.push([...topics]);
      return client.description;
    },
    async partitions(topics) {
      client.asked.push([...topics]);
      const missing = (topic: string) => new BridgeError('DESTINATION_MISSING', `no topic ${topic}`);
      return new Map(topics.map((topic) => [topic, partitions[topic] ?? missing(topic)]));
    },
    async send(records) {
      client.sends.push(records.map(({ value }) => value.toString()));
      const byPartition = Map.groupBy(records, ({ topic, partition }) => partitionName(topic, partition));
      return new Map(
        Array.from(byPartition, ([name, own]): [string, Answer] => {
          const other = client.answer(name, own);
          if (other) return [name, other];
          const written = client.log.get(name) ?? [];
          client.log.set(name, written);
          const firstOffset = BigInt(written.length);
          written.push(...own.map(({ value }) => value.toString()));
          return [name, { status: 'written', firstOffset }];
        }),
      );
    },
    async close() {},
  };
  return client;
}
