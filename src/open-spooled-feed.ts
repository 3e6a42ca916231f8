import type { Source } from './core/source.ts';
import type { Spool } from './core/spool.ts';
import { createFeedRunner, type FeedRunner, type FeedRunnerOptions } from './pipeline/feed-runner.ts';
import { createSpooledFeed, drainReport } from './pipeline/spooled-feed.ts';
import { spooling } from './pipeline/spooling.ts';
import { createSpoolSource, spoolBatch } from './sources/spool/spool-source.ts';
import type { DaemonTiming } from './timing.ts';

type Timing = Pick<DaemonTiming, 'probeMs' | 'publish'>;

/** Of the first stage. `sideBySide`: as of SpoolingContext. */
export interface IntakeOptions {
  readonly inFlight?: FeedRunnerOptions['inFlight'];
  readonly sideBySide?: boolean;
}

/** What one feed may have out of its spool at once: little, since all of it is in memory while the broker is away. */
const drainBound = { batches: 128, bytes: 256 * 1024 } as const;

/** A feed in two stages: from upstream into the spool, and from there as if the spool were upstream. */
export function openSpooledFeed(
  context: FeedRunnerOptions['context'],
  upstream: () => Source,
  spool: Spool,
  timing: Timing,
  { inFlight, sideBySide }: IntakeOptions,
): FeedRunner {
  const intake = createFeedRunner({
    context,
    handle: (watched) => spooling({ ...watched, spool, sideBySide }),
    inFlight,
    probeMs: timing.probeMs,
    openSource: upstream,
  });
  return createSpooledFeed(intake, openSpoolDrain(context, spool, timing));
}

/** The second stage. */
export function openSpoolDrain(
  context: FeedRunnerOptions['context'],
  spool: Spool,
  { probeMs, publish: retry }: Timing,
): FeedRunner {
  const { feed, archive, carrier } = context;
  const report = drainReport(context.report);
  // What takes long in a batch holds up all of it: few then, so that what is done is published, and survives a kill.
  const atOnce = Math.max(0, ...context.steps.map((step) => step.atOnce ?? 0));
  const most = atOnce === 0 ? spoolBatch : { ...spoolBatch, records: 2 * atOnce };
  const settled = async (signal: AbortSignal) => carrier?.position?.(signal);
  return createFeedRunner({
    // What upstream sent was kept when it was accepted.
    context: { ...context, report, archive: archive && { ...archive, raw: { ...archive.raw, keep() {} } } },
    probeMs,
    inFlight: drainBound,
    openSource: () => createSpoolSource({ feed, spool, report, retry, settled, most }),
  });
}
