import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type FenergoFeed, feedNames } from '../../connectors/fenergo/feeds.ts';
import { type Bridge, startBridge } from '../support/bridge/start-bridge.ts';
import type { OwnCluster } from '../support/kafka/native-cluster.ts';
import { type Drain, openDrain } from './drain.ts';
import { kafkaGround } from './kafka-ground.ts';

/** A bridge between six feeds that never run dry meanwhile and a cluster that has troubles. */
export interface ClusterLoad extends AsyncDisposable {
  readonly drain: Drain;
  readonly bridge: Bridge;
  /** One for each feed. */
  readonly topics: readonly string[];
  /** Between these two, batches may be published twice; not what comes before or after. */
  trouble(): void;
  noTrouble(): void;
  /** Resolves when each feed has had batches published and completed from beginning to end since the call. */
  flowing(): Promise<void>;
  /** The longest time since then without a complete of a feed, in milliseconds. */
  longestPause(since: number): number;
  /** Expects that upstream had work all the time, ends the bridge by SIGTERM, and judges as `drain.finish` does. */
  finish(what: string): Promise<void>;
}

/** Ten events each: leaves the processor to the brokers. The fewer are left, the slower, so that they never run out. */
const batchEveryMs = 100;
const flowingMs = 60_000;

/** `settings`: of the broker in the bridge's configuration. Exactly once, no batch may be published twice. Resolves when events flow. */
export async function openClusterLoad(
  cluster: OwnCluster,
  eventsPerFeed: number,
  settings: Readonly<Record<string, unknown>>,
  { exactlyOnce = false } = {},
): Promise<ClusterLoad> {
  await using resources = new AsyncDisposableStack();
  const ground = await kafkaGround(cluster.bootstrap, { settings, topics: { replicas: 3 }, exactlyOnce });
  const { topics } = ground;
  const delivery = exactlyOnce ? ({ delivery: 'exactly-once' } as const) : {};
  const drain = resources.use(await openDrain(ground, eventsPerFeed, delivery));
  const { upstream, simulator, home } = drain;
  await cluster.settled(topics);
  let paced = true;
  let troubled = false;
  upstream.trap = {
    async arrived({ call, feed }) {
      const left = Math.max(1, simulator.stats().feeds[feed].waiting);
      if (paced && call === 'next') await delay((batchEveryMs * eventsPerFeed) / left);
      return undefined;
    },
    answered() {
      if (troubled && !exactlyOnce) drain.brokerShaken();
    },
  };
  const bridge = resources.use(startBridge(home.configFile));

  const completesOf = (feed: FenergoFeed, since: number) =>
    upstream.completes.filter((complete) => complete.feed === feed && complete.at > since);

  async function flowing(): Promise<void> {
    const since = Date.now();
    // The first may have been published before.
    const stuck = () => feedNames.filter((feed) => completesOf(feed, since).length < 2);
    await bridge.whileRunning(expect.poll(stuck, { timeout: flowingMs, interval: 20 }).toEqual([]));
  }

  await flowing();
  const opened = resources.move();
  return {
    drain,
    bridge,
    topics,
    trouble() {
      troubled = true;
      drain.brokerShaken();
    },
    noTrouble() {
      drain.brokerShaken();
      troubled = false;
    },
    flowing,
    longestPause(since) {
      const pauses = feedNames.flatMap((feed) => {
        const times = [since, ...completesOf(feed, since).map(({ at }) => at)];
        return times.slice(1).map((at, index) => at - (times[index] ?? at));
      });
      return Math.max(...pauses);
    },
    async finish(what) {
      const { feeds } = simulator.stats();
      expect(feedNames.filter((feed) => feeds[feed].waiting === 0)).toEqual([]);
      expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
      paced = false;
      await drain.finish(what);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
