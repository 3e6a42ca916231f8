import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { type Vitals, watchVitals } from '../support/bridge/vitals.ts';
import { handedOutDuring, type Outage } from '../support/judge/recovery.ts';
import type { Drain } from './drain.ts';

/** Beyond what the bridge has when the broker goes: what reconnecting costs, and the heap between two collections. */
const extraMiB = 32;
/** Of the second half of an outage over the first: nothing may pile up. */
const growthMiB = 8;
const growthFiles = 2;
/** A feed holds one connection to its upstream that asks and one that completes: a bridge that has just begun has neither. */
const ownConnections = 2 * feedNames.length;
const reconnecting = 2;
/** The thread that keeps receipts begins with the first of them: its event loop, its pipes. */
const ofAThread = 10;
const linesPerSecond = 5;

/** A broker that goes, and comes back with all that it had. */
export interface Leaver {
  leave(): Promise<void>;
  comeBack(): Promise<void>;
  /** How many connections to the broker it may open beyond those it has, when it begins to try again. Default: 2. */
  readonly connections?: number;
}

/** What a bridge did while its broker was away. */
export interface Absence {
  /** For the line of the drain. */
  readonly told: string;
  /** Expects that it neither grew nor chattered, and took one batch a feed at most. */
  judge(): void;
}

/** Lets the broker be away for so long from that moment on, in calls, and events flow again. */
export async function sendAway(drain: Drain, broker: Leaver, moment: number, awayMs: number): Promise<Absence> {
  await using bridge = startBridge(drain.home.configFile);
  await bridge.whileRunning(drain.upstream.reached(moment));
  using watch = watchVitals(bridge.pid);
  let away = { began: 0, ended: 0 };
  let lines = 0;
  const outage = await drain.outage(async () => {
    await broker.leave();
    const before = bridge.log().length;
    away = { began: Date.now(), ended: Date.now() + awayMs };
    await bridge.whileRunning(delay(awayMs));
    lines = bridge.log().length - before;
    await bridge.whileRunning(broker.comeBack());
  });
  await bridge.whileRunning(drain.recovered(outage));
  const { rssEarly, rssLate, filesEarly, filesLate } = summarise(watch.samples, away);
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  return {
    told: `${lines} log lines, at most ${rssEarly}, later ${rssLate} MiB and at most ${filesEarly}, later ${filesLate} files more than before`,
    judge() {
      const handedOut = handedOutDuring(away, drain.simulator.ledger());
      expect(Math.max(0, ...handedOut.values())).toBeLessThanOrEqual(1);
      expect(lines / (awayMs / 1_000)).toBeLessThanOrEqual(linesPerSecond);
      expect(rssEarly).toBeLessThanOrEqual(extraMiB);
      expect(rssLate - rssEarly).toBeLessThanOrEqual(growthMiB);
      expect(filesEarly).toBeLessThanOrEqual(ownConnections + ofAThread + (broker.connections ?? reconnecting));
      expect(filesLate - filesEarly).toBeLessThanOrEqual(growthFiles);
    },
  };
}

/** The most that was needed in the first and the second half of an outage, over what was needed when it began. */
function summarise(samples: readonly Vitals[], { began, ended }: Outage) {
  const before = samples.filter(({ at }) => at <= began).at(-1) ?? { rssMiB: 0, files: 0 };
  const middle = (began + ended) / 2;
  const most = (from: number, to: number, of: 'rssMiB' | 'files') =>
    Math.round(Math.max(...samples.filter(({ at }) => at >= from && at < to).map((each) => each[of] - before[of])));
  return {
    rssEarly: most(began, middle, 'rssMiB'),
    rssLate: most(middle, ended, 'rssMiB'),
    filesEarly: most(began, middle, 'files'),
    filesLate: most(middle, ended, 'files'),
  };
}
