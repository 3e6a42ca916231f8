import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { Simulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { type BridgeHome, makeBridgeHome } from '../support/bridge/bridge-home.ts';
import { startUpstream, type Upstream } from '../support/bridge/upstream.ts';
import { innocent } from '../support/judge/innocent.ts';
import { type Evidence, judge, type Verdict } from '../support/judge/judge.ts';
import { findSlow, judgeRecovery, type Outage, type Recovery } from '../support/judge/recovery.ts';
import { createSpoolTail, type SpoolTail } from '../support/judge/spool-tail.ts';
import { recoveryTally, tally } from '../support/judge/tally.ts';
import { createDoubts, type Doubts } from './doubts.ts';
import { gatherEvidence } from './evidence.ts';
import type { Ground } from './ground.ts';
import { runToEnd } from './run-to-end.ts';

/** Six feeds that drain into brokers, through bridges that come and go. */
export interface Drain extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly simulator: Simulator;
  readonly home: BridgeHome;
  /** Of a drain that is acknowledged from it. */
  readonly spool: SpoolTail | undefined;
  /** To be called after each kill of a bridge: what the ledger does not have may be published once more. */
  bridgeDied(): Promise<void>;
  /** What is open upstream, and what is in the spool (`feed/batchId`), right now. */
  inFlight(): readonly string[];
  /** These batches may be published so many times more. */
  mayDouble(batches: readonly string[], times: number): void;
  /** Events of these batches may be missing in the end: the only file that had them was damaged. */
  mayLose(batches: readonly string[]): void;
  /** How often batches may be published again so far, all together, at each destination. Known when it is over. */
  bound(): number;
  /** To be called when the broker dies, and when it is back: what is open may be published again. */
  brokerShaken(): void;
  /**
   * Runs a fault of a broker, by default the first, that ends with its return. What is open meanwhile may be published
   * there once more, or `times` times, and nowhere else. Every feed has to flow again within 10 s: each is given some
   * more events first, so that it has something left by then.
   */
  outage(fault: () => Promise<void>, options?: { readonly times?: number; readonly at?: Ground }): Promise<Outage>;
  /** Resolves when every feed has completed a batch since the end of the outage. */
  recovered(outage: Outage): Promise<readonly Recovery[]>;
  /**
   * Lets a last bridge finish, reads everything back with something else than the client under test, prints what was
   * measured, and expects of each broker that nothing is lost, reordered, completed early or altered, that no batch is
   * doubled but those that may be, and that feeds recovered in time. Gives a verdict for each.
   */
  finish(what: string): Promise<readonly Verdict[]>;
}

export interface DrainOptions {
  /** Order is kept for each of so many entities in a feed. Default: for the feed. */
  readonly entities?: number;
  /** Default: at-least-once. With exactly-once, writers wait for each other's transactions to end: feeds get more time. */
  readonly delivery?: 'exactly-once';
  /** With `spool`, a complete is early when its events are neither in the spool nor at the broker. Default: broker. */
  readonly ack?: 'spool';
  /** Under `state` of the configuration. */
  readonly state?: Readonly<Record<string, unknown>>;
}

/** Within which feeds flow again once the broker answers. */
export const recoveryLimitMs = 10_000;
export const transactionRecoveryLimitMs = 15_000;
const patienceMs = 50_000;
const refillEvents = 100;

/** `to`: one destination or several. The drain disposes of them. */
export async function openDrain(
  to: Ground | readonly Ground[],
  eventsPerFeed: number,
  { entities, delivery, ack, state = {} }: DrainOptions = {},
): Promise<Drain> {
  await using resources = new AsyncDisposableStack();
  const grounds = [to].flat();
  for (const ground of grounds) resources.use(ground);
  let spool: SpoolTail | undefined;
  /** When this was looked at, for each complete: what has left the spool by then must be at the broker. */
  const looks: number[] = [];
  const byEntity = entities !== undefined;
  const upstream = resources.use(
    await startUpstream({
      eventsPerFeed,
      ...(byEntity && { entities }),
      async absent(feed, ids) {
        const unspooled = spool ? spool.absent(feed, ids) : ids;
        const perGround = grounds.map((ground) => ground.absent?.(feed, unspooled) ?? (spool ? unspooled : []));
        const absent = (await Promise.all(perGround)).flat();
        looks.push(Date.now());
        return absent;
      },
    }),
  );
  const { simulator } = upstream;
  const home = resources.use(
    await makeBridgeHome({
      baseUrl: simulator.baseUrl,
      destinations: grounds.map(({ destination }) => destination),
      from: byEntity ? { partitionBy: 'entity' } : {},
      delivery,
      ack,
      state,
    }),
  );
  if (ack) spool = createSpoolTail(home.stateDir);
  const doubts = new Map<Ground, Doubts>(grounds.map((ground) => [ground, createDoubts()]));
  const outages: Outage[] = [];
  const losable = new Set<string>();

  function openBatches(): readonly string[] {
    const { feeds } = simulator.stats();
    return feedNames.flatMap((feed) => {
      const { openBatchId } = feeds[feed];
      return openBatchId === null ? [] : [`${feed}/${openBatchId}`];
    });
  }

  function inFlight(): readonly string[] {
    return [...new Set([...openBatches(), ...(spool?.batches() ?? [])])];
  }

  function mayDouble(batches: readonly string[], times: number): void {
    for (const name of batches) for (const { add } of doubts.values()) add(name, times);
  }

  function excused(): ReadonlySet<string> {
    const batches = simulator.ledger().filter(({ feed, batchId }) => losable.has(`${feed}/${batchId}`));
    return new Set(batches.flatMap(({ feed, eventIds }) => eventIds.map((id) => `${feed}/${id}`)));
  }

  function recoveries(outage: Outage): readonly Recovery[] {
    return judgeRecovery(outage, { batches: simulator.ledger(), completes: upstream.completes });
  }

  function lookedAt(completes: Upstream['completes']): Upstream['completes'] {
    return completes.map((complete, at) => ({ ...complete, at: looks[at] ?? complete.at }));
  }

  /** What the spool has is safe, before any broker has it. */
  function bySpool(judged: Evidence['completes']): Evidence['completes'] {
    return judged.map((complete, at) => {
      const unspooled = new Set(upstream.completes[at]?.absent);
      return { ...complete, absent: complete.absent.filter((id) => unspooled.has(id)) };
    });
  }

  async function judgeAt(ground: Ground, what: string): Promise<Verdict> {
    const batches = simulator.ledger();
    const { completes } = upstream;
    const gathered = await gatherEvidence(ground, {
      batches,
      completes: spool ? lookedAt(completes) : completes,
      byEntity,
    });
    const evidence = spool ? { ...gathered, completes: bySpool(gathered.completes) } : gathered;
    const judged = judge(evidence);
    const mayMiss = excused();
    const verdict = { ...judged, lost: judged.lost.filter((name) => !mayMiss.has(name)) };
    const missed = judged.lost.length - verdict.lost.length;
    const where = grounds.length > 1 ? `, ${ground.destination.broker.type}` : '';
    console.log(tally(what + where, evidence, verdict) + recoveryTally(outages.map(recoveries)));
    if (missed > 0) console.log(`${missed} events were in nothing but a damaged file`);
    expect(verdict).toMatchObject(innocent);
    expect(new Set(evidence.stored.map(({ feed, id }) => `${feed}/${id}`)).size).toBe(
      feedNames.length * upstream.eventsPerFeed() - missed,
    );
    expect(doubts.get(ground)?.unexcused(verdict.doubled, { batches, completes })).toEqual([]);
    return verdict;
  }

  const opened = resources.move();
  return {
    upstream,
    simulator,
    home,
    spool,
    async bridgeDied() {
      if (spool) {
        mayDouble(spool.batches(), 1);
        return;
      }
      for (const [ground, { addAfterDeath }] of doubts) {
        await addAfterDeath(openBatches(), home.stateDir, ground.destination.broker.type);
      }
    },
    inFlight,
    mayDouble,
    mayLose(batches) {
      for (const name of batches) losable.add(name);
    },
    bound() {
      const evidence = { batches: simulator.ledger(), completes: upstream.completes };
      return [...doubts.values()].reduce((sum, { bound }) => sum + bound(evidence), 0);
    },
    brokerShaken() {
      mayDouble(inFlight(), Number.POSITIVE_INFINITY);
    },
    async outage(fault, { times = 1, at = grounds[0] } = {}) {
      upstream.refill(refillEvents);
      const began = Date.now();
      await fault();
      const outage = { began, ended: Date.now() };
      outages.push(outage);
      if (at) doubts.get(at)?.addOutage(outage, times);
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
    async finish(what) {
      await runToEnd(home.configFile, simulator, () => spool?.records() ?? 0);
      const verdicts: Verdict[] = [];
      for (const ground of grounds) verdicts.push(await judgeAt(ground, what));
      for (const after of outages.map(recoveries)) {
        expect(after.map(({ feed }) => feed).sort()).toEqual(feedNames.toSorted());
        expect(findSlow(after, delivery ? transactionRecoveryLimitMs : recoveryLimitMs)).toEqual([]);
      }
      return verdicts;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
