import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { Simulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { type BridgeHome, makeBridgeHome } from '../support/bridge/bridge-home.ts';
import { startUpstream, type Upstream } from '../support/bridge/upstream.ts';
import { judgeByAppendTimes } from '../support/judge/append-times.ts';
import { judge, type Verdict } from '../support/judge/judge.ts';
import { readLedger } from '../support/judge/ledger-copy.ts';
import { tally } from '../support/judge/tally.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { createTopics, type TopicSettings, uniqueName } from '../support/kafka/topics.ts';
import { innocent } from './innocent.ts';
import { runToEnd } from './run-to-end.ts';

/** Six feeds that drain into a Kafka broker, through bridges that come and go. */
export interface KafkaDrain extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly simulator: Simulator;
  readonly home: BridgeHome;
  /** To be called after each kill of a bridge: what the ledger does not have may be published again. */
  bridgeDied(): Promise<void>;
  /** To be called when the broker dies, and when it is back: what is open may be published again. */
  brokerShaken(): void;
  /**
   * Lets a last bridge finish, reads everything back with another client, prints what was measured, and expects that
   * nothing is lost, reordered, completed early or altered, and that no batch is doubled but those that may be.
   */
  finish(what: string): Promise<Verdict>;
}

export interface KafkaDrainOptions {
  /** Of the broker in the bridge's configuration: `{ client: 'kafkajs' }`. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly topics?: TopicSettings;
}

const readBackMs = 60_000;

/** `bootstrap`: `host:port` of the broker, several with commas between them. */
export async function openKafkaDrain(
  bootstrap: string,
  eventsPerFeed: number,
  { settings = {}, topics = {} }: KafkaDrainOptions = {},
): Promise<KafkaDrain> {
  await using resources = new AsyncDisposableStack();
  // What was in the topic when a complete arrived is told afterwards, by the broker's own times of appending.
  const upstream = resources.use(await startUpstream({ eventsPerFeed, absent: () => [] }));
  const { simulator } = upstream;
  const topicPrefix = `${uniqueName('crash')}.`;
  await createTopics(
    bootstrap,
    feedNames.map((feed) => topicPrefix + feed),
    { ...topics, config: { 'message.timestamp.type': 'LogAppendTime', ...topics.config } },
  );
  const destination = { kind: 'kafka', bootstrap, topicPrefix, settings } as const;
  const home = resources.use(await makeBridgeHome({ baseUrl: simulator.baseUrl, destination }));
  const mayDouble = new Set<string>();

  function openBatches(): readonly string[] {
    const { feeds } = simulator.stats();
    return feedNames.flatMap((feed) => {
      const { openBatchId } = feeds[feed];
      return openBatchId === null ? [] : [`${feed}/${openBatchId}`];
    });
  }

  async function readBack() {
    const found = await Promise.all(
      feedNames.map(async (feed) => {
        const records = await readTopic(bootstrap, topicPrefix + feed);
        return records.map(({ value, timestamp }) => {
          const { id } = JSON.parse(value.toString()) as { id: string };
          return { feed, id, bytes: value, appendedAt: timestamp };
        });
      }),
    );
    return found.flat();
  }

  async function finish(what: string): Promise<Verdict> {
    await runToEnd(home.configFile, simulator);
    const late = delay(readBackMs, undefined, { ref: false }).then(() => {
      throw new Error(`the topics could not be read within ${readBackMs} ms`);
    });
    const stored = await Promise.race([readBack(), late]);
    const batches = simulator.ledger();
    const completes = judgeByAppendTimes(upstream.completes, batches, stored);
    const evidence = { batches, completes, stored };
    const verdict = judge(evidence);
    console.log(tally(what, evidence, verdict));
    expect(verdict).toMatchObject(innocent);
    expect(new Set(stored.map(({ feed, id }) => `${feed}/${id}`)).size).toBe(feedNames.length * eventsPerFeed);
    const doubled = verdict.doubled.map(({ feed, batchId }) => `${feed}/${batchId}`);
    expect(doubled.filter((name) => !mayDouble.has(name))).toEqual([]);
    return verdict;
  }

  const opened = resources.move();
  return {
    upstream,
    simulator,
    home,
    async bridgeDied() {
      const ledger = await readLedger(home.stateDir);
      for (const name of openBatches()) if (!ledger.has(name)) mayDouble.add(name);
    },
    brokerShaken() {
      for (const name of openBatches()) mayDouble.add(name);
    },
    finish,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
