import { expect, test } from 'vitest';
import { sha256hex } from '../../../src/core/digest.ts';
import type { Ledger, LedgerEntry } from '../../../src/core/state.ts';
import { sampleEntry } from '../../conformance/state/samples.ts';
import { open } from './sqlite-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Entered = Omit<LedgerEntry, 'completedAt'>;

function entryAt(index: number): Entered {
  return sampleEntry({
    feed: `fenergo/${index % 6}`,
    batchId: String(1_642_925_639_481 + index),
    digest: sha256hex(Buffer.from(String(index))),
    publishedAt: new Date(1_700_000_000_000 + index),
  });
}

/** Median of many small measurements, so that a busy machine does not decide. Milliseconds for ten calls. */
async function pace(entries: readonly Entered[], call: (entry: Entered) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let from = 0; from + 10 <= entries.length; from += 10) {
    const start = performance.now();
    for (const entry of entries.slice(from, from + 10)) await call(entry);
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

async function fillTo(ledger: Ledger, from: number, to: number): Promise<void> {
  for (let index = from; index < to; index += 1) await ledger.enter(entryAt(index));
}

async function measure(ledger: Ledger, size: number): Promise<{ enter: number; find: number }> {
  const fresh = Array.from({ length: 1_000 }, (_, index) => entryAt(size + index));
  const enter = await pace(fresh, (entry) => ledger.enter(entry));
  const spread = Array.from({ length: 1_000 }, (_, index) => entryAt((index * 7_919) % size));
  const find = await pace(spread, async (entry) => expect((await ledger.find(entry))?.batchId).toBe(entry.batchId));
  return { enter, find };
}

test('enter and find take at most three times as long with 100,000 entries as with 1,000', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using state = await open(directory.path);
  await fillTo(state.ledger, 0, 1_000);
  const small = await measure(state.ledger, 1_000);
  await fillTo(state.ledger, 2_000, 100_000);
  const large = await measure(state.ledger, 100_000);
  expect(large.enter).toBeLessThan(3 * small.enter);
  expect(large.find).toBeLessThan(3 * small.find);
  expect(await state.ledger.list({ limit: 3 })).toHaveLength(3);
});
