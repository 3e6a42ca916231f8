import { describe, expect, test } from 'vitest';
import type { TransactionsHarness } from './sink-transactions/harness.ts';
import { transactionsPromises } from './sink-transactions/promises.ts';

/** Runs every promise against a sink with transactions, each with a fixture of its own. */
export function transactionsConformance(harness: TransactionsHarness): void {
  describe(`${harness.name} keeps the promises of transactions`, () => {
    for (const promise of transactionsPromises) {
      test(promise.name, { timeout: 120_000 }, async () => {
        await using fixture = await harness.open();
        expect.hasAssertions();
        await promise.run(fixture);
      });
    }
  });
}
