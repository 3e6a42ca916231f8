import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { full } from '../crash/scale.ts';
import { mayBeSkipped } from '../support/may-be-skipped.ts';
import type { OutageHarness, OutageSubject } from './sink-outages/harness.ts';
import { undergo } from './sink-outages/ordeal.ts';
import { outageScenarios } from './sink-outages/scenarios.ts';

/** Within which every feed has to flow again once the broker could. */
const recoveryLimitMs = 10_000;
const rounds = full ? 5 : 1;
/** What the tests themselves have open, such as connections that are kept for the next request, goes by then. */
const idleLimitMs = 20_000;
const lookMs = 100;

function inUse(): readonly string[] {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|Timeout/.test(kind));
}

/** Publishes through every scenario that the harness can bring about, each with a subject of its own; reports the others. */
export function sinkOutages<Place extends OutageSubject>({ name: sink, open, faults }: OutageHarness<Place>): void {
  describe(`${sink} loses and reorders nothing with a broker:`, () => {
    let inUseBefore = 0;
    beforeAll(() => {
      inUseBefore = inUse().length;
    });

    for (const scenario of outageScenarios) {
      const faultOf = faults[scenario];
      if (typeof faultOf !== 'function') {
        const { unsupported } = faultOf;
        test.skip(`${scenario} [not tried: ${unsupported}]`, mayBeSkipped(unsupported), () => {});
        continue;
      }
      test(scenario, { timeout: 240_000 }, async () => {
        await using place: Place = await open();
        const { recoveryMs, ...found } = await undergo(place, faultOf(place), rounds);
        const { events, lost, reordered, doubled, altered, poisonStored } = found;
        const order = place.ordered === true ? `reordered ${reordered}` : 'no order to keep';
        console.log(
          `${sink}, ${scenario}: ${events} events, lost ${lost}, ${order}, doubled ${doubled}, altered ${altered}; flowing again after ${recoveryMs} ms`,
        );
        expect({ lost, reordered: place.ordered === true ? reordered : 0, altered, poisonStored }).toEqual({
          lost: 0,
          reordered: 0,
          altered: 0,
          poisonStored: 0,
        });
        expect(recoveryMs).toBeLessThan(recoveryLimitMs);
      });
    }

    test('and leaves no connection and no timer behind', { timeout: idleLimitMs + 5_000 }, async () => {
      for (let waited = 0; inUse().length > inUseBefore && waited < idleLimitMs; waited += lookMs) {
        await delay(lookMs, undefined, { ref: false });
      }
      expect(inUse().toSpliced(0, inUseBefore)).toEqual([]);
    });
  });
}
