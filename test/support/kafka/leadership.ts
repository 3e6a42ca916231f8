import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { nodeId } from './server-properties.ts';

/** Who leads what in a cluster, by the index of the node. */
export interface Leadership {
  /** Undefined where nobody leads. */
  leaderOf(topic: string, partition?: number): Promise<number | undefined>;
  /** Makes a node that has a replica the leader; resolves when it is. */
  moveLeader(topic: string, to: number, partition?: number): Promise<void>;
  /** Resolves when each partition of these topics is led, with all its replicas in sync. */
  settled(topics: readonly string[]): Promise<void>;
}

const patienceMs = 30_000;

/** `bootstrap`: of all nodes, with commas between them. */
export function createLeadership(bootstrap: string): Leadership {
  const kafka = new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50 },
  });

  async function withAdmin<Result>(work: (admin: ReturnType<Kafka['admin']>) => Promise<Result>): Promise<Result> {
    const admin = kafka.admin();
    await admin.connect();
    return await work(admin).finally(() => admin.disconnect());
  }

  async function partitionsOf(topics: readonly string[]) {
    const { topics: found } = await withAdmin((admin) => admin.fetchTopicMetadata({ topics: [...topics] }));
    return found.flatMap(({ name, partitions }) => partitions.map((partition) => ({ name, ...partition })));
  }

  async function find(topic: string, partition: number) {
    const found = (await partitionsOf([topic])).find(({ partitionId }) => partitionId === partition);
    if (!found) throw new Error(`${topic} has no partition ${partition}`);
    return found;
  }

  async function leaderOf(topic: string, partition = 0): Promise<number | undefined> {
    const { leader } = await find(topic, partition);
    return leader === -1 ? undefined : leader - nodeId(0);
  }

  return {
    leaderOf,
    async moveLeader(topic, to, partition = 0) {
      const { replicas } = await find(topic, partition);
      const first = nodeId(to);
      // The first replica is the preferred leader; the cluster sees to that by itself, every second.
      const preferred = [first, ...replicas.filter((id) => id !== first)];
      const partitionAssignment = [{ partition, replicas: preferred }];
      await withAdmin((admin) => admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] }));
      await expect.poll(() => leaderOf(topic, partition), { timeout: patienceMs }).toBe(to);
    },
    async settled(topics) {
      const unsettled = async () =>
        (await partitionsOf(topics)).filter(
          ({ leader, isr, replicas }) => leader === -1 || isr.length < replicas.length,
        );
      await expect.poll(unsettled, { timeout: patienceMs }).toEqual([]);
    },
  };
}
