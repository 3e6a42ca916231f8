import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortsFor } from './free-ports.ts';
import { ensureJars } from './jars.ts';
import { createNode, type KafkaNode } from './kafka-node.ts';
import { createLeadership, type Leadership } from './leadership.ts';
import { clusterProperties } from './server-properties.ts';
import type { StartedKafka } from './started-kafka.ts';

export type ClusterNode = Omit<KafkaNode, 'start'>;

/** Three nodes of one's own, each broker and controller: three replicas of everything, two of which have to be in sync. */
export interface OwnCluster extends StartedKafka, Leadership {
  /** All three, with commas between them. */
  readonly bootstrap: string;
  /** By index. */
  readonly nodes: readonly ClusterNode[];
}

const size = 3;

/** Starts them from Maven's jars (6 to 12 s, 500 MiB). Rejects where there is no Java 17 or Maven. */
export async function startOwnCluster(): Promise<OwnCluster> {
  const jars = await ensureJars();
  const root = await mkdtemp(join(tmpdir(), 'feedferry-kafka-'));
  const ports = await freePortsFor(size);
  const started: KafkaNode[] = [];

  async function stop() {
    await Promise.all(started.map((node) => node.kill9()));
    await rm(root, { recursive: true, force: true });
  }

  async function startNode(index: number): Promise<KafkaNode> {
    const dir = join(root, `node-${index}`);
    const properties = clusterProperties(ports, index, join(dir, 'logs'));
    const node = await createNode({ jars, dir, root, properties, heap: 256 });
    started.push(node);
    await node.start();
    return node;
  }

  const bootstrap = ports.map(({ plain }) => `127.0.0.1:${plain}`).join(',');
  try {
    const nodes = await Promise.all(ports.map((_, index) => startNode(index)));
    return { bootstrap, nodes, ...createLeadership(bootstrap), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
