import type { Source } from './core/source.ts';
import type { Spool } from './core/spool.ts';
import { createFeedRunner, type FeedRunner, type FeedRunnerOptions } from './pipeline/feed-runner.ts';
import { createSpooledFeed, drainReport } from './pipeline/spooled-feed.ts';
import { spooling } from './pipeline/spooling.ts';
import { createSpoolSource } from './sources/spool/spool-source.ts';
import type { DaemonTiming } from './timing.ts';

/** A feed in two stages: from upstream into the spool, and from there as if the spool were upstream. */
export function openSpooledFeed(
  context: FeedRunnerOptions['context'],
  upstream: () => Source,
  spool: Spool,
  { probeMs, publish: retry }: Pick<DaemonTiming, 'probeMs' | 'publish'>,
): FeedRunner {
  const { feed, archive, carrier } = context;
  const report = drainReport(context.report);
  const intake = createFeedRunner({
    context,
    handle: (watched) => spooling({ ...watched, spool }),
    probeMs,
    openSource: upstream,
  });
  const settled = async (signal: AbortSignal) => carrier?.position?.(signal);
  const drain = createFeedRunner({
    // What upstream sent was kept when it was accepted.
    context: { ...context, report, archive: archive && { ...archive, raw: { ...archive.raw, keep() {} } } },
    probeMs,
    openSource: () => createSpoolSource({ feed, spool, report, retry, settled }),
  });
  return createSpooledFeed(intake, drain);
}
