import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import type { Faults } from '../support/kafka/kafka-node.ts';
import type { Drain } from './drain.ts';

/**
 * Kills the broker at each of these moments, in calls, and restarts it; the last time it dies together with the bridge,
 * and the next bridge is there before it is.
 */
export async function killBroker(drain: Drain, broker: Pick<Faults, 'kill9' | 'restart'>, moments: readonly number[]) {
  await using first = startBridge(drain.home.configFile);
  for (const moment of moments.slice(0, -1)) {
    await first.whileRunning(drain.upstream.reached(moment));
    const outage = await drain.outage(async () => {
      await broker.kill9();
      await first.whileRunning(broker.restart());
    });
    await first.whileRunning(drain.recovered(outage));
  }
  await first.whileRunning(drain.upstream.reached(moments.at(-1) ?? 0));
  await using resources = new AsyncDisposableStack();
  const outage = await drain.outage(async () => {
    await broker.kill9();
    await first.kill9();
    await drain.bridgeDied();
    const second = resources.use(startBridge(drain.home.configFile));
    await second.logs(({ event, activity }) => event === 'attempt.failed' && activity === 'publish');
    await second.whileRunning(broker.restart());
  });
  await drain.recovered(outage);
  await resources.disposeAsync();
  await drain.bridgeDied();
}

/**
 * Freezes the broker for so long at each of these moments, in calls, under one bridge. `times`: how often what is open
 * may be written then, more than once; default: 1.
 */
export async function freezeBroker(
  drain: Drain,
  broker: Pick<Faults, 'freeze' | 'thaw'>,
  moments: readonly number[],
  freezeMs: number,
  times = 1,
) {
  await using bridge = startBridge(drain.home.configFile);
  for (const moment of moments) {
    await bridge.whileRunning(drain.upstream.reached(moment));
    const outage = await drain.outage(
      async () => {
        await broker.freeze();
        await delay(freezeMs);
        broker.thaw();
      },
      { times },
    );
    await bridge.whileRunning(drain.recovered(outage));
  }
  expect(await bridge.sigterm()).toEqual({ code: 0, signal: null });
}
