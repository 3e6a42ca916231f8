import type { Evidence, Verdict } from './judge.ts';
import type { Recovery } from './recovery.ts';

/** One line with what was measured in a drain. */
export function tally(what: string, { batches, stored }: Evidence, verdict: Verdict): string {
  const events = batches.reduce((sum, batch) => sum + batch.eventIds.length, 0);
  const { lost, reordered, scattered, early, doubled, altered } = verdict;
  const counts = { lost, reordered, scattered, 'completed early': early, altered };
  const bad = Object.entries(counts).map(([name, list]) => `${name} ${list.length}`);
  return `${what}: ${events} events handed out, ${stored.length} stored, ${doubled.length} batches doubled, ${bad.join(', ')}`;
}

/** How long feeds took to flow again after each outage, in words: the slowest of each. */
export function recoveryTally(perOutage: readonly (readonly Recovery[])[]): string {
  if (perOutage.length === 0) return '';
  const slowest = perOutage.map((recoveries) => Math.max(0, ...recoveries.map(({ ms }) => ms)));
  const fastest = perOutage.map((recoveries) => Math.min(...recoveries.map(({ ms }) => ms)));
  const ranges = slowest.map((most, at) => `${fastest[at]}–${most}`);
  return `; flowing again after ${ranges.join(', ')} ms (first–last feed)`;
}
