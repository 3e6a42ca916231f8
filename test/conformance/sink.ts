import { describe, expect, test } from 'vitest';
import { isUnsupported, type SinkFixture, type SinkHarness } from './sink/harness.ts';
import { sinkPromises } from './sink/promises.ts';

/** Runs every promise against a sink, each with a fixture of its own. What cannot be tried is reported as skipped. */
export function sinkConformance(harness: SinkHarness): void {
  describe(`${harness.name} keeps the promises of a sink`, () => {
    for (const promise of sinkPromises) {
      test(promise.name, { timeout: 120_000 }, async (context) => {
        await using fixture: SinkFixture = await harness.open();
        for (const need of promise.needs) {
          const capability = fixture[need];
          if (!isUnsupported(capability)) continue;
          context.task.meta.mayBeSkipped = capability.unsupported;
          context.skip(capability.unsupported);
        }
        expect.hasAssertions();
        await promise.run(fixture);
      });
    }
  });
}
