import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { Simulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { type BridgeHome, makeBridgeHome } from '../support/bridge/bridge-home.ts';
import { startUpstream, type Upstream } from '../support/bridge/upstream.ts';
import { judgeByAppendTimes } from '../support/judge/append-times.ts';
import { innocent } from '../support/judge/innocent.ts';
import { judge, type Verdict } from '../support/judge/judge.ts';
import { readLedger } from '../support/judge/ledger-copy.ts';
import { findSlow, inDoubt, judgeRecovery, type Outage, type Recovery } from '../support/judge/recovery.ts';
import { recoveryTally, tally } from '../support/judge/tally.ts';
import { createTopics, type TopicSettings, uniqueName } from '../support/kafka/topics.ts';
import { runToEnd } from './run-to-end.ts';
import { readStored } from './stored-in-topics.ts';

/** Six feeds that drain into a Kafka broker, through bridges that come and go. */
export interface KafkaDrain extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly simulator: Simulator;
  readonly home: BridgeHome;
  /** To be called after each kill of a bridge: what the ledger does not have may be published once more. */
  bridgeDied(): Promise<void>;
  /** To be called when the broker dies, and when it is back: what is open may be published again. */
  brokerShaken(): void;
  /**
   * Runs a fault of the broker that ends with its return. What is open meanwhile may be published once more, or `times`
   * times, and every feed has to flow again within 10 s: each is given some more events first, so that it has something
   * left by then.
   */
  outage(fault: () => Promise<void>, times?: number): Promise<Outage>;
  /** Resolves when every feed has completed a batch since the end of the outage. */
  recovered(outage: Outage): Promise<readonly Recovery[]>;
  /**
   * Lets a last bridge finish, reads everything back with another client, prints what was measured, and expects that
   * nothing is lost, reordered, completed early or altered, that no batch is doubled but those that may be, and that
   * feeds recovered in time.
   */
  finish(what: string): Promise<Verdict>;
}

export interface KafkaDrainOptions {
  /** Of the broker in the bridge's configuration: `{ client: 'kafkajs' }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly topics?: TopicSettings;
  /** Order is kept for each of so many entities in a feed. Default: for the feed. */
  readonly entities?: number;
  /** Whether the bridges are exactly-once, and what was not committed does not count as stored. */
  readonly exactlyOnce?: boolean;
  /** Where the bridges find the broker, when that is not where everybody else does. */
  readonly bridgeBootstrap?: string;
}

/** Within which feeds flow again once the broker answers. */
export const recoveryLimitMs = 10_000;
/** The same with transactions: the writers are opened anew, and wait for each other's transactions to end. */
export const transactionRecoveryLimitMs = 15_000;
const patienceMs = 50_000;
const refillEvents = 100;

/** `bootstrap`: `host:port` of the broker, several with commas between them. */
export async function openKafkaDrain(
  bootstrap: string,
  eventsPerFeed: number,
  { settings = {}, topics = {}, entities, exactlyOnce = false, bridgeBootstrap = bootstrap }: KafkaDrainOptions = {},
): Promise<KafkaDrain> {
  await using resources = new AsyncDisposableStack();
  const byEntity = entities !== undefined;
  // What was in the topic when a complete arrived is told afterwards, by the broker's own times of appending.
  const absent = () => [];
  const upstream = resources.use(await startUpstream({ eventsPerFeed, absent, ...(byEntity && { entities }) }));
  const { simulator } = upstream;
  const topicPrefix = `${uniqueName('crash')}.`;
  await createTopics(
    bootstrap,
    feedNames.map((feed) => topicPrefix + feed),
    { ...topics, config: { 'message.timestamp.type': 'LogAppendTime', ...topics.config } },
  );
  const marks = `${topicPrefix}marks`;
  if (exactlyOnce)
    await createTopics(bootstrap, [marks], { ...topics, partitions: 1, config: { 'cleanup.policy': 'compact' } });
  const promise = exactlyOnce
    ? ({ delivery: 'exactly-once', to: { marks, transactionalIdPrefix: topicPrefix } } as const)
    : {};
  const destination = { kind: 'kafka', bootstrap: bridgeBootstrap, topicPrefix, settings } as const;
  const from = byEntity ? { partitionBy: 'entity' } : {};
  const home = resources.use(await makeBridgeHome({ baseUrl: simulator.baseUrl, destination, from, ...promise }));
  const plain = settings['client'] === 'kafkajs' ? 'platformatic' : 'kafkajs';
  const reader = exactlyOnce ? 'committed' : plain;
  const doubts = new Map<string, number>();
  const outages: (Outage & { readonly times: number })[] = [];

  function doubt(name: string, times: number) {
    doubts.set(name, (doubts.get(name) ?? 0) + times);
  }

  function openBatches(): readonly string[] {
    const { feeds } = simulator.stats();
    return feedNames.flatMap((feed) => {
      const { openBatchId } = feeds[feed];
      return openBatchId === null ? [] : [`${feed}/${openBatchId}`];
    });
  }

  function recoveries(outage: Outage): readonly Recovery[] {
    return judgeRecovery(outage, { batches: simulator.ledger(), completes: upstream.completes });
  }

  async function finish(what: string): Promise<Verdict> {
    await runToEnd(home.configFile, simulator);
    const stored = await readStored(bootstrap, topicPrefix, { reader, byEntity });
    const batches = simulator.ledger();
    const { completes } = upstream;
    const evidence = { batches, completes: judgeByAppendTimes(completes, batches, stored), stored };
    const verdict = judge(evidence);
    const perOutage = outages.map(recoveries);
    console.log(tally(what, evidence, verdict) + recoveryTally(perOutage));
    expect(verdict).toMatchObject(innocent);
    expect(new Set(stored.map(({ feed, id }) => `${feed}/${id}`)).size).toBe(
      feedNames.length * upstream.eventsPerFeed(),
    );
    for (const outage of outages) for (const name of inDoubt(outage, { batches, completes })) doubt(name, outage.times);
    const allowed = ({ feed, batchId }: { feed: string; batchId: string }) => doubts.get(`${feed}/${batchId}`) ?? 0;
    expect(verdict.doubled.filter((batch) => batch.extra > allowed(batch))).toEqual([]);
    for (const after of perOutage) {
      expect(after.map(({ feed }) => feed).sort()).toEqual(feedNames.toSorted());
      expect(findSlow(after, exactlyOnce ? transactionRecoveryLimitMs : recoveryLimitMs)).toEqual([]);
    }
    return verdict;
  }

  const opened = resources.move();
  return {
    upstream,
    simulator,
    home,
    async bridgeDied() {
      const ledger = await readLedger(home.stateDir);
      for (const name of openBatches()) if (!ledger.has(name)) doubt(name, 1);
    },
    brokerShaken() {
      for (const name of openBatches()) doubt(name, Number.POSITIVE_INFINITY);
    },
    async outage(fault, times = 1) {
      upstream.refill(refillEvents);
      const began = Date.now();
      await fault();
      const outage = { began, ended: Date.now(), times };
      outages.push(outage);
      return outage;
    },
    async recovered(outage) {
      const stuck = () => {
        const flowing = recoveries(outage).filter(({ ms }) => Number.isFinite(ms));
        return feedNames.filter((name) => !flowing.some(({ feed }) => feed === name));
      };
      await expect.poll(stuck, { timeout: patienceMs, interval: 100 }).toEqual([]);
      return recoveries(outage);
    },
    finish,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
