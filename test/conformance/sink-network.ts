import { describe, expect, test, vi } from 'vitest';
import { full, seed } from '../crash/scale.ts';
import { faultsAtRandom } from './sink-network/at-random.ts';
import { scenarios } from './sink-network/scenarios.ts';
import { startStream } from './sink-network/stream.ts';
import type { FaultHarness, FaultSubject } from './sink-network/subject.ts';
import { judgeStored } from './sink-network/verdict.ts';

/** Within which every feed has to flow again once the network is healed. */
const recoveryLimitMs = 10_000;

/** Publishes through each kind of network fault, with a subject of its own. Several sinks may be tried at once. */
export function sinkNetworkFaults(harness: FaultHarness): void {
  describe.concurrent(`${harness.name} loses and reorders nothing with`, () => {
    for (const { name, play } of [...scenarios, faultsAtRandom(full ? 60 : 3, seed)]) {
      test(name, { concurrent: false, timeout: 240_000 }, async () => {
        await using subject: FaultSubject = await harness.open();
        const { proxy, ordered } = subject;
        await using stream = startStream(subject);
        await stream.flows(3);
        await play(proxy, stream);
        const healedAt = performance.now();
        await proxy.heal();
        await stream.flows(1);
        const recoveryMs = Math.round(performance.now() - healedAt);
        const { lanes } = await stream.finish();
        await vi.waitFor(() => expect(proxy.connections(), 'connections left open').toBe(0), 5_000);

        const { lost, reordered, doubled, altered } = judgeStored(lanes, await subject.read());
        const events = lanes.values().reduce((sum, ids) => sum + ids.length, 0);
        console.log(
          `${harness.name}, ${name}: ${events} events, lost ${lost}, reordered ${reordered}, doubled ${doubled}, altered ${altered}; flowing again after ${recoveryMs} ms`,
        );
        expect({ lost, reordered: ordered === true ? reordered : 0, altered }).toEqual({
          lost: 0,
          reordered: 0,
          altered: 0,
        });
        expect(recoveryMs).toBeLessThan(recoveryLimitMs);
      });
    }
  });
}
