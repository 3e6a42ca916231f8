import type { DeadLetters } from './core/state.ts';
import type { FeedReport } from './telemetry/feed-report.ts';

/** Adds how many dead letters wait for an operator, and since when. Never rejects: what cannot be read is left out. */
export async function withDeadLetterReadings(
  reports: readonly FeedReport[],
  deadLetters: Pick<DeadLetters, 'counts'>,
): Promise<readonly FeedReport[]> {
  const all = await deadLetters.counts().catch(() => undefined);
  if (all === undefined) return reports;
  return reports.map((report) => {
    const own = all.filter(({ feed }) => feed === report.feed);
    const oldest = own.map(({ oldestAt }) => oldestAt.getTime());
    const byCode = Object.fromEntries(own.map(({ code, count }) => [code, count]));
    return { ...report, deadLetters: { byCode, oldestSince: oldest.length === 0 ? null : Math.min(...oldest) } };
  });
}
