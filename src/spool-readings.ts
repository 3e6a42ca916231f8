import type { Spool } from './core/spool.ts';
import type { FeedReport } from './telemetry/feed-report.ts';

/** Adds what the spool says of the feeds that are spooled. Never rejects: a spool that does not answer is left out. */
export async function withSpoolReadings(
  reports: readonly FeedReport[],
  isSpooled: (pipeline: string) => boolean,
  spool: Pick<Spool, 'state'>,
): Promise<readonly FeedReport[]> {
  const spooled = ({ feed }: FeedReport) => isSpooled(feed.slice(0, feed.indexOf('/')));
  if (!reports.some(spooled)) return reports;
  const state = await spool.state().catch(() => undefined);
  if (state === undefined) return reports;
  const { bytes: totalBytes, maxBytes, timeToFullMs = null, refusing = null } = state;
  return reports.map((report) => {
    if (!spooled(report)) return report;
    const use = state.feeds.find(({ feed }) => feed === report.feed);
    const { records = 0, bytes = 0, gaps = 0, oldestAt } = use ?? {};
    const reading = { records, bytes, gaps, oldestSince: oldestAt?.getTime() ?? null, totalBytes, maxBytes };
    return { ...report, spool: { ...reading, timeToFullMs, refusing } };
  });
}
