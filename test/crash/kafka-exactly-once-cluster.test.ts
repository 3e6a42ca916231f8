import { expect, test } from 'vitest';
import { ownClusterSuite } from '../support/kafka/acquire.ts';
import { openClusterLoad } from './cluster-load.ts';
import { transactionRecoveryLimitMs } from './drain.ts';
import { full } from './scale.ts';

const rounds = full ? 2 : 1;
const eventsPerFeed = full ? 5_000 : 1_000;

const suite = await ownClusterSuite();

suite('an exactly-once bridge to a cluster of three', (cluster) => {
  test('publishes each event once while leaders change and each node dies in its turn', {
    timeout: 600_000,
  }, async () => {
    const { nodes } = cluster;
    await using load = await openClusterLoad(cluster, eventsPerFeed, {}, { exactlyOnce: true });
    const pauses: number[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const [index, node] of nodes.entries()) {
        const to = (index + 1) % nodes.length;
        await load.bridge.whileRunning(Promise.all(load.topics.map((topic) => cluster.moveLeader(topic, to))));
        await load.flowing();
        const killedAt = Date.now();
        // With it go the leaders of some partitions, and the coordinators of some transactions.
        await node.kill9();
        await load.flowing();
        pauses.push(load.longestPause(killedAt));
        await node.restart();
        await cluster.settled(load.topics);
        await load.flowing();
      }
    }
    const said = `longest pauses of a feed ${pauses.join(', ')} ms`;
    await load.finish(`kafka exactly-once, ${pauses.length} nodes of three killed one after the other: ${said}`);
    expect(Math.max(...pauses)).toBeLessThan(transactionRecoveryLimitMs);
  });
});
