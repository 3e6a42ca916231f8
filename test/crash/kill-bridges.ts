import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import type { Verdict } from '../support/judge/judge.ts';
import type { Drain } from './drain.ts';
import { seed } from './scale.ts';

/** A call comes every few milliseconds: so long after one, everything can be going on. */
const scatterMs = 5;
const roll = dice(seed + 2);

/** One `next` and one `complete` for each batch of ten, at least. */
export function callsFor(eventsPerFeed: number): number {
  return (feedNames.length * eventsPerFeed * 2) / 10;
}

/** Starts a bridge for each of these moments, in calls, and kills it then. */
export async function killBridges(drain: Drain, moments: readonly number[]): Promise<void> {
  for (const moment of moments) {
    await using bridge = startBridge(drain.home.configFile);
    await bridge.whileRunning(drain.upstream.reached(moment));
    await delay(roll() * scatterMs);
    await bridge.kill9();
    await drain.bridgeDied();
  }
}

/** At each destination. */
export function expectOneBatchPerKill(verdicts: readonly Verdict[], kills: number): void {
  for (const { doubled } of verdicts) {
    for (const feed of feedNames) {
      const extra = doubled.reduce((sum, batch) => sum + (batch.feed === feed ? batch.extra : 0), 0);
      expect(extra).toBeLessThanOrEqual(kills);
    }
  }
}
