import { setTimeout as delay } from 'node:timers/promises';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import type { FaultProxy } from '../../support/fault-proxy/fault-proxy.ts';
import type { Scenario } from './scenarios.ts';

const acts: readonly ((proxy: FaultProxy) => void)[] = [
  (proxy) => proxy.cut(),
  (proxy) => proxy.reset(),
  (proxy) => proxy.blackhole(),
  (proxy) => proxy.halfBlackhole(),
  (proxy) => proxy.throttle(2_000),
  (proxy) => proxy.slice(11),
  (proxy) => proxy.refuse(),
];

/** Sometimes longer than a deadline, mostly shorter than it takes to notice. */
const longestMs = [2_500, 60, 60] as const;
const mostActs = 4;

/** So many rounds of faults on top of each other, with a healthy network in between. */
export function faultsAtRandom(rounds: number, seed: number): Scenario {
  const roll = dice(seed);
  const pick = <Item>(items: readonly Item[]) => items[Math.floor(roll() * items.length)];
  return {
    name: `${rounds} rounds of faults at random (seed ${seed})`,
    async play(proxy, stream) {
      for (let round = 1; ; round++) {
        for (let left = 1 + Math.floor(roll() * mostActs); left > 0; left--) {
          pick(acts)?.(proxy);
          await delay(roll() * (pick(longestMs) ?? 0));
        }
        if (round >= rounds) return;
        await proxy.heal();
        await stream.flows(Math.floor(roll() * 3));
      }
    },
  };
}
