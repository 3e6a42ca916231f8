import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { startBridge } from '../../support/bridge/start-bridge.ts';
import type { Recovery } from '../../support/judge/recovery.ts';
import type { Drain } from '../drain.ts';
import { callsFor, killBridges } from '../kill-bridges.ts';
import { killMoments } from '../scale.ts';
import { diskFull } from './disk-full.ts';
import type { Done } from './done.ts';
import { fakedClock } from './faked-clock.ts';
import type { FaultName } from './fault-names.ts';
import { filesDamaged } from './files-damaged.ts';
import { networkFaults } from './network-faults.ts';
import { type Fault, shake } from './shaken.ts';
import type { Site } from './site.ts';
import type { Sizes } from './sizes.ts';

const hour = 3_600;
/** The clock is looked at, and timers that follow it come due. */
const afterJumpMs = 1_000;
/** Between the end of a broker and its new start. */
const awayMs = 500;

async function killed(drain: Drain, { kills, eventsPerFeed }: Sizes): Promise<Done> {
  await killBridges(drain, killMoments(kills, callsFor(eventsPerFeed)));
  return { what: `${kills} × kill -9 of the bridge`, recoveries: [] };
}

async function stopped(drain: Drain, { eventsPerFeed, stopMs }: Sizes): Promise<Done> {
  await using bridge = startBridge(drain.home.configFile);
  const [moment = 0] = killMoments(1, callsFor(eventsPerFeed));
  await bridge.whileRunning(drain.upstream.reached(moment));
  const recoveries = await shake(drain, { begin: bridge.freeze, end: bridge.thaw, lastsMs: stopMs });
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

/** Lets these faults come and go under one bridge, each at a moment of its own. */
async function shaken(
  drain: Drain,
  { eventsPerFeed }: Sizes,
  sequence: readonly Fault[],
): Promise<readonly Recovery[]> {
  await using bridge = startBridge(drain.home.configFile);
  const recoveries: Recovery[] = [];
  for (const [at, moment] of killMoments(sequence.length, callsFor(eventsPerFeed)).entries()) {
    const fault = sequence[at];
    await bridge.whileRunning(drain.upstream.reached(moment));
    if (fault) recoveries.push(...(await shake(drain, fault)));
  }
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
  return recoveries;
}

async function brokerKilled(drain: Drain, sizes: Sizes, { killable }: Site): Promise<Done> {
  if (!killable) throw new Error('there is no broker to be killed');
  const fault = { begin: killable.kill9, end: killable.restart, lastsMs: awayMs };
  const recoveries = await shaken(drain, sizes, Array<Fault>(sizes.brokerKills).fill(fault));
  return { what: `${sizes.brokerKills} × kill -9 of the broker`, recoveries };
}

async function brokerFrozen(drain: Drain, sizes: Sizes, { freezable }: Site): Promise<Done> {
  if (!freezable) throw new Error('there is no broker to be frozen');
  const { freezes, freezeMs } = sizes;
  const fault = { begin: freezable.freeze, end: freezable.thaw, lastsMs: freezeMs };
  const recoveries = await shaken(drain, sizes, Array<Fault>(freezes).fill(fault));
  return { what: `broker frozen ${freezes} × ${freezeMs / 1_000} s`, recoveries };
}

export const faults: Readonly<
  Record<FaultName, (drain: Drain, sizes: Sizes, site: Site, resources: AsyncDisposableStack) => Promise<Done>>
> = {
  'bridge killed': killed,
  'bridge stopped': stopped,
  'clock jumps': jumped,
  'broker killed': brokerKilled,
  'broker frozen': brokerFrozen,
  'network faults': async (drain, sizes, { network }) => {
    if (!network) throw new Error('there is no network to fail');
    const sequence = networkFaults(network, sizes.networkMs);
    const recoveries = await shaken(
      drain,
      sizes,
      sequence.map(({ fault }) => fault),
    );
    return { what: `network: ${sequence.map(({ name }) => name).join(', ')}`, recoveries };
  },
  'disk full': diskFull,
  'files damaged': filesDamaged,
};
