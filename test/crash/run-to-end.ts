import { expect } from 'vitest';
import type { Simulator } from '../../connectors/fenergo/simulator/simulator.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';

const drainedMs = 120_000;

/** Lets a bridge run until upstream has nothing left, nor its spool (`spooled`: how many records), and ends it as an operator would. */
export async function runToEnd(configFile: string, simulator: Simulator, spooled = () => 0): Promise<void> {
  await using bridge = startBridge(configFile);
  await bridge.logs(({ event }) => event === 'daemon.started');
  expect(await bridge.whileRunning(simulator.drained(drainedMs))).toBe(true);
  await bridge.whileRunning(expect.poll(spooled, { timeout: drainedMs, interval: 200 }).toBe(0));
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
}
