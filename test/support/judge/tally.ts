import type { Evidence, Verdict } from './judge.ts';

/** One line with what was measured in a drain. */
export function tally(what: string, { batches, stored }: Evidence, verdict: Verdict): string {
  const events = batches.reduce((sum, batch) => sum + batch.eventIds.length, 0);
  const { lost, reordered, early, doubled, altered } = verdict;
  const counts = { lost, reordered, 'completed early': early, altered };
  const bad = Object.entries(counts).map(([name, list]) => `${name} ${list.length}`);
  return `${what}: ${events} events handed out, ${stored.length} stored, ${doubled.length} batches doubled, ${bad.join(', ')}`;
}
