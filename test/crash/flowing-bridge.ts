import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type BridgeHome, makeBridgeHome } from '../support/bridge/bridge-home.ts';
import { type Bridge, startBridge } from '../support/bridge/start-bridge.ts';
import { startUpstream, type Upstream } from '../support/bridge/upstream.ts';
import { type Vitals, watchVitals } from '../support/bridge/vitals.ts';
import { imageStart } from '../support/image-start.ts';
import { innocent } from '../support/judge/innocent.ts';
import { judge } from '../support/judge/judge.ts';
import { findSlow, handedOutDuring, judgeRecovery, type Outage } from '../support/judge/recovery.ts';
import { createSpoolTail, type SpoolTail } from '../support/judge/spool-tail.ts';
import { recoveryTally, tally } from '../support/judge/tally.ts';
import { createDoubts } from './doubts.ts';
import { recoveryLimitMs } from './drain.ts';
import { gatherEvidence } from './evidence.ts';
import type { Ground } from './ground.ts';

/** A bridge, started as in the image, to which events come all the time, whatever becomes of its broker. */
export interface FlowingBridge extends AsyncDisposable {
  /** Lets so many events more wait in each feed; rejects when the bridge has ended. */
  flow(eventsPerFeed: number): Promise<void>;
  /** To be called as soon as the broker is away: what is spooled by then may be written once more. */
  brokerLeft(): void;
  /** Waits until all that has come is at the broker, ends the bridge, reads back and judges. Gives what was measured. */
  finish(what: string, outage: Outage): Promise<Growth>;
}

/** What a bridge needed in an outage. */
export interface Growth {
  /** The most, over what it had when the outage began. */
  readonly rssMiB: number;
  readonly anonMiB: number;
  /** Batches that a feed was handed out, the most of any. */
  readonly batches: number;
}

const drainMs = 300_000;

/** Starts one that acks when the broker, or with `spool` the disk, has the events. */
export async function openFlowingBridge(ground: Ground, ack: 'broker' | 'spool'): Promise<FlowingBridge> {
  await using resources = new AsyncDisposableStack();
  resources.use(ground);
  const upstream = resources.use(await startUpstream({ eventsPerFeed: 0, absent: () => [] }));
  const { simulator } = upstream;
  const home = resources.use(
    await makeBridgeHome({
      baseUrl: simulator.baseUrl,
      destinations: [ground.destination],
      ack: ack === 'spool' ? ack : undefined,
    }),
  );
  const spool = ack === 'spool' ? createSpoolTail(home.stateDir) : undefined;
  const bridge = resources.use(startBridge(home.configFile, imageStart()));
  await bridge.logs(({ event }) => event === 'daemon.started');
  const watch = resources.use(watchVitals(bridge.pid));
  const opened = resources.move();
  return flowing({ ground, upstream, home, spool, bridge, watch, opened });
}

interface Parts {
  readonly ground: Ground;
  readonly upstream: Upstream;
  readonly home: BridgeHome;
  readonly spool: SpoolTail | undefined;
  readonly bridge: Bridge;
  readonly watch: Disposable & { readonly samples: readonly Vitals[] };
  readonly opened: AsyncDisposableStack;
}

function flowing({ ground, upstream, spool, bridge, watch, opened }: Parts): FlowingBridge {
  const { simulator } = upstream;
  const doubts = createDoubts();

  /** Nothing is left, upstream or in the spool. */
  async function emptied(): Promise<void> {
    for (const end = Date.now() + drainMs; ; ) {
      await bridge.whileRunning(delay(1_000));
      if ((await simulator.drained(1)) && (spool?.records() ?? 0) === 0) return;
      if (Date.now() > end) throw new Error(`not all that came is at the broker after ${drainMs} ms`);
    }
  }

  return {
    async flow(eventsPerFeed) {
      upstream.refill(eventsPerFeed);
      await bridge.whileRunning(Promise.resolve());
    },
    brokerLeft() {
      for (const name of spool?.batches() ?? []) doubts.add(name, 1);
    },
    async finish(what, outage) {
      await emptied();
      watch[Symbol.dispose]();
      expect(bridge.stderr()).toBe('');
      expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
      const batches = simulator.ledger();
      const { completes } = upstream;
      const gathered = await gatherEvidence(ground, { batches, completes, byEntity: false });
      // What is in the spool when a complete comes is for other tests to say.
      const evidence = spool ? { ...gathered, completes } : gathered;
      const verdict = judge(evidence);
      const growth = {
        ...growthOf(watch.samples, outage),
        batches: Math.max(0, ...handedOutDuring(outage, batches).values()),
      };
      const grown = `${growth.rssMiB.toFixed(1)} MiB more memory (${growth.anonMiB.toFixed(1)} of no file)`;
      // From a spool, batches are completed all the time.
      const recoveries = spool ? [] : judgeRecovery(outage, { batches, completes });
      const said = tally(what, evidence, verdict) + (spool ? '' : recoveryTally([recoveries]));
      console.log(`${said}; ${grown}, ${growth.batches} batches of a feed handed out meanwhile`);
      expect(verdict).toMatchObject(innocent);
      doubts.addOutage(outage, 1);
      expect(doubts.unexcused(verdict.doubled, { batches, completes })).toEqual([]);
      expect(findSlow(recoveries, recoveryLimitMs)).toEqual([]);
      return growth;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function growthOf(samples: readonly Vitals[], { began, ended }: Outage): Pick<Growth, 'rssMiB' | 'anonMiB'> {
  const before = samples.findLast(({ at }) => at <= began);
  if (!before) throw new Error('the bridge was not watched when the outage began');
  const during = samples.filter(({ at }) => at > began && at < ended);
  const most = (of: 'rssMiB' | 'anonMiB') => Math.max(...during.map((each) => each[of] - before[of]));
  return { rssMiB: most('rssMiB'), anonMiB: most('anonMiB') };
}
