import { expect, test } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { ownClusterSuite } from '../support/kafka/acquire.ts';
import type { OwnCluster } from '../support/kafka/native-cluster.ts';
import { openClusterLoad } from './cluster-load.ts';
import { clients } from './kafka-clients.ts';
import { outageOf } from './quorum-outage.ts';
import { full, seed } from './scale.ts';

const moves = full ? 10 : 2;
const eventsPerFeed = full ? 5_000 : 800;
const outageMs = full ? 60_000 : 10_000;
/** After which events flow again, from when most nodes are back. */
const recoveryLimitMs = 10_000;

const suite = await ownClusterSuite();

suite('a bridge to a cluster of three', (cluster: OwnCluster) => {
  const { nodes } = cluster;
  const others = (index: number) => nodes.filter((_, at) => at !== index);
  const elsewhere = (leader: number | undefined) => ((leader ?? 0) + 1) % nodes.length;

  for (const client of clients) {
    const settings = { client };

    test(`carries on by ${client} while leaders change`, { timeout: 240_000 }, async () => {
      await using load = await openClusterLoad(cluster, eventsPerFeed, settings);
      const began = Date.now();
      load.trouble();
      for (let move = 0; move < moves; move++) {
        const moving = load.topics.map(async (topic) =>
          cluster.moveLeader(topic, elsewhere(await cluster.leaderOf(topic))),
        );
        await load.bridge.whileRunning(Promise.all(moving));
        await load.flowing();
      }
      const retiring = nodes[moves % nodes.length];
      await retiring?.retire();
      await load.flowing();
      await retiring?.restart();
      await cluster.settled(load.topics);
      await load.flowing();
      load.noTrouble();
      const pause = `longest pause of a feed ${load.longestPause(began)} ms`;
      await load.finish(`${client}, ${moves} × 6 leaders moved, one node retired: ${pause}`);
    });

    test(`carries on by ${client} while one node is dead`, { timeout: 240_000 }, async () => {
      await using load = await openClusterLoad(cluster, eventsPerFeed, settings);
      const [topic = ''] = load.topics;
      const leader = (await cluster.leaderOf(topic)) ?? 0;
      const killedAt = Date.now();
      load.trouble();
      await nodes[leader]?.kill9();
      await load.bridge.whileRunning(expect.poll(() => cluster.leaderOf(topic), { timeout: 20_000 }).not.toBe(leader));
      const newLeaderMs = Date.now() - killedAt;
      await load.flowing();
      const deadPause = load.longestPause(killedAt);
      const restartedAt = Date.now();
      await nodes[leader]?.restart();
      await cluster.settled(load.topics);
      await load.flowing();
      load.noTrouble();
      const pauses = `longest pause of a feed ${deadPause} ms, ${load.longestPause(restartedAt)} ms at its return`;
      await load.finish(`${client}, one of three nodes killed: new leader after ${newLeaderMs} ms, ${pauses}`);
      expect(deadPause).toBeLessThan(recoveryLimitMs);
    });

    test(`waits by ${client} while two nodes are dead`, { timeout: 300_000 }, async () => {
      await using load = await openClusterLoad(cluster, eventsPerFeed, { ...settings, confirmTimeout: '3s' });
      const survivor = Math.floor(dice(seed)() * nodes.length);
      load.trouble();
      await Promise.all(others(survivor).map((node) => node.kill9()));
      const { codes, growthMiB } = await outageOf(load, outageMs);
      const backAt = Date.now();
      await Promise.all(others(survivor).map((node) => node.restart()));
      const upAt = Date.now();
      await load.flowing();
      const recoveryMs = Date.now() - upAt;
      await cluster.settled(load.topics);
      await load.flowing();
      load.noTrouble();
      const outage = `two of three nodes killed for ${outageMs / 1_000} s (${codes.join(', ')}; memory grown by ${growthMiB} MiB)`;
      const recovery = `nodes up after ${upAt - backAt} ms, flowing ${recoveryMs} ms later`;
      await load.finish(`${client}, ${outage}: ${recovery}`);
      expect(recoveryMs).toBeLessThan(recoveryLimitMs);
    });
  }
});
