import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import type { Recovery } from '../../support/judge/recovery.ts';
import type { Drain } from '../drain.ts';
import { callsFor, killBridges } from '../kill-bridges.ts';
import { killMoments } from '../scale.ts';
import type { FaultName } from './cells.ts';
import { fakedClock } from './faked-clock.ts';
import type { Sizes } from './sizes.ts';

/** What was done to a line, in words, and how long its feeds took to flow again. */
export interface Done {
  readonly what: string;
  readonly recoveries: readonly Recovery[];
}

const hour = 3_600;
/** The clock is looked at, and timers that follow it come due. */
const afterJumpMs = 1_000;

async function killed(drain: Drain, { kills, eventsPerFeed }: Sizes): Promise<Done> {
  await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
  return { what: `${kills} × kill -9 of the bridge`, recoveries: [] };
}

async function stopped(drain: Drain, { eventsPerFeed, stopMs }: Sizes): Promise<Done> {
  await using bridge = startBridge(drain.home.configFile);
  const [moment = 0] = killMoments(1, callsFor(eventsPerFeed));
  await bridge.whileRunning(drain.upstream.reached(moment));
  const outage = await drain.outage(async () => {
    drain.brokerShaken();
    await bridge.freeze();
    await delay(stopMs);
    bridge.thaw();
  });
  const recoveries = await bridge.whileRunning(drain.recovered(outage));
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  return { what: `bridge stopped for ${stopMs / 1_000} s`, recoveries };
}

/** Nothing may come of it: not even a double is allowed. */
async function jumped(drain: Drain, { eventsPerFeed }: Sizes): Promise<Done> {
  await using clock = await fakedClock();
  await using bridge = startBridge(drain.home.configFile, { env: clock.env });
  const moments = killMoments(2, callsFor(eventsPerFeed));
  const recoveries: Recovery[] = [];
  for (const [at, seconds] of [hour, -hour].entries()) {
    await bridge.whileRunning(drain.upstream.reached(moments[at] ?? 0));
    await clock.jump(seconds);
    await bridge.whileRunning(delay(afterJumpMs));
    drain.upstream.refill(100);
    const now = Date.now();
    recoveries.push(...(await bridge.whileRunning(drain.recovered({ began: now, ended: now }))));
  }
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  // The fake was not in vain: its last words are from an hour ago.
  expect(Date.parse(bridge.log().at(-1)?.time ?? '')).toBeLessThan(Date.now() - (hour - 60) * 1_000);
  return { what: 'clock of the bridge 1 h forward, then 1 h back', recoveries };
}

export const faults: Readonly<Record<FaultName, (drain: Drain, sizes: Sizes) => Promise<Done>>> = {
  'bridge killed': killed,
  'bridge stopped': stopped,
  'clock jumps': jumped,
};
