import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { type Bridge, startBridge } from '../../support/bridge/start-bridge.ts';
import { seed } from '../scale.ts';
import { fakedClock } from './faked-clock.ts';
import type { FaultName } from './fault-names.ts';
import type { Flow } from './flow.ts';
import { flowFilesDamaged } from './flow-files-damaged.ts';
import { networkFaults } from './network-faults.ts';
import type { Fault } from './shaken.ts';
import type { Site } from './site.ts';
import type { Sizes } from './sizes.ts';
import { mountSmallDisk } from './small-disk.ts';

/** What was done to a flow, and what it may cost. */
export interface FlowDone {
  readonly what: string;
  /** How often what is in hand may be published once more. */
  readonly times: number;
  /** Until something flowed again after each fault, in milliseconds. */
  readonly flowingMs: readonly number[];
  /** What may be lost, since a file was damaged that had it alone. Default: nothing. */
  readonly losable?: ReadonlySet<string>;
  /** So many events more may be published once more, that had left such a file before. Default: none. */
  readonly mayReturn?: number;
}

type FlowFault = (flow: Flow, sizes: Sizes, site: Site, resources: AsyncDisposableStack) => Promise<FlowDone>;

const roll = dice(seed + 4_000);
const hour = 3_600;
const awayMs = 500;
const fullMs = 4_000;

async function timed(bridge: Bridge, flowed: Promise<void>): Promise<number> {
  const began = Date.now();
  await bridge.whileRunning(flowed);
  return Date.now() - began;
}

/** Lets these faults come and go under one bridge, each when something has flowed. */
async function shakeFlow(
  flow: Flow,
  sequence: readonly Fault[],
  bridge = startBridge(flow.configFile),
): Promise<readonly number[]> {
  await using running = bridge;
  const flowingMs: number[] = [];
  for (const { begin, end, lastsMs } of sequence) {
    await running.whileRunning(flow.flowed());
    await begin();
    await delay(lastsMs);
    await end();
    flowingMs.push(await timed(running, flow.flowed()));
  }
  expect(await running.sigterm()).toEqual({ code: 0, signal: null });
  return flowingMs;
}

async function killed(flow: Flow, { kills }: Sizes): Promise<FlowDone> {
  for (let kill = 1; kill <= kills; kill++) {
    await using bridge = startBridge(flow.configFile);
    await bridge.whileRunning(flow.flowed());
    await delay(roll() * flow.scatterMs);
    await bridge.kill9();
  }
  return { what: `${kills} × kill -9 of the bridge`, times: kills, flowingMs: [] };
}

async function stopped(flow: Flow, { stopMs }: Sizes): Promise<FlowDone> {
  const bridge = startBridge(flow.configFile);
  const fault = { begin: bridge.freeze, end: bridge.thaw, lastsMs: stopMs };
  return {
    what: `bridge stopped for ${stopMs / 1_000} s`,
    times: 1,
    flowingMs: await shakeFlow(flow, [fault], bridge),
  };
}

/** Nothing may come of it: not even a double is allowed. */
async function jumped(flow: Flow): Promise<FlowDone> {
  await using clock = await fakedClock();
  const bridge = startBridge(flow.configFile, { env: clock.env });
  const sequence = [hour, -hour].map((seconds) => ({
    begin: () => clock.jump(seconds),
    end: () => {},
    lastsMs: 1_000,
  }));
  const flowingMs = await shakeFlow(flow, sequence, bridge);
  return { what: 'clock of the bridge 1 h forward, then 1 h back', times: 0, flowingMs };
}

async function brokerKilled(flow: Flow, { brokerKills }: Sizes, { killable }: Site): Promise<FlowDone> {
  if (!killable) throw new Error('there is no broker to be killed');
  const fault = { begin: killable.kill9, end: killable.restart, lastsMs: awayMs };
  const flowingMs = await shakeFlow(flow, Array<Fault>(brokerKills).fill(fault));
  return { what: `${brokerKills} × kill -9 of the broker`, times: brokerKills, flowingMs };
}

async function brokerFrozen(flow: Flow, { freezes, freezeMs }: Sizes, { freezable }: Site): Promise<FlowDone> {
  if (!freezable) throw new Error('there is no broker to be frozen');
  const fault = { begin: freezable.freeze, end: freezable.thaw, lastsMs: freezeMs };
  const flowingMs = await shakeFlow(flow, Array<Fault>(freezes).fill(fault));
  return { what: `broker frozen ${freezes} × ${freezeMs / 1_000} s`, times: freezes, flowingMs };
}

async function networkFailed(flow: Flow, { networkMs }: Sizes, { network }: Site): Promise<FlowDone> {
  if (!network) throw new Error('there is no network to fail');
  const sequence = networkFaults(network, networkMs);
  const flowingMs = await shakeFlow(
    flow,
    sequence.map(({ fault }) => fault),
  );
  const times = sequence.reduce((sum, { fault }) => sum + (fault.times ?? 1), 0);
  return { what: `network: ${sequence.map(({ name }) => name).join(', ')}`, times, flowingMs };
}

async function diskFull(flow: Flow, _sizes: Sizes, _site: Site, resources: AsyncDisposableStack): Promise<FlowDone> {
  const disk = await mountSmallDisk(flow.stateDir, resources);
  const fault = { begin: disk.fill, end: disk.makeRoom, lastsMs: fullMs };
  const bridge = startBridge(flow.configFile);
  const failed = () => bridge.log().filter(({ event }) => event === 'attempt.failed').length;
  const flowingMs = await shakeFlow(flow, [fault], bridge);
  return { what: `disk of the state full for ${fullMs / 1_000} s, ${failed()} attempts failed`, times: 1, flowingMs };
}

export const flowFaults: Readonly<Record<FaultName, FlowFault>> = {
  'bridge killed': killed,
  'bridge stopped': stopped,
  'clock jumps': jumped,
  'broker killed': brokerKilled,
  'broker frozen': brokerFrozen,
  'network faults': networkFailed,
  'disk full': diskFull,
  'files damaged': flowFilesDamaged,
};
