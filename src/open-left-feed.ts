import type { Source } from './core/source.ts';
import type { Spool } from './core/spool.ts';
import { openSpoolDrain } from './open-spooled-feed.ts';
import { wait } from './pipeline/backoff.ts';
import { createFeedRunner, type FeedRunner, type FeedRunnerOptions } from './pipeline/feed-runner.ts';
import { persist } from './pipeline/persist.ts';
import { createSpooledFeed } from './pipeline/spooled-feed.ts';
import type { DaemonTiming } from './timing.ts';

const lookMs = 200;

/**
 * A feed that is spooled no more, and has left something in the spool: upstream is asked once that is delivered, so that
 * nothing is stranded and nothing overtaken.
 */
export function openLeftFeed(
  context: FeedRunnerOptions['context'],
  upstream: () => Source,
  spool: Spool,
  timing: Pick<DaemonTiming, 'probeMs' | 'publish'>,
  inFlight?: FeedRunnerOptions['inFlight'],
): FeedRunner {
  const { feed, report } = context;

  async function emptied(signal: AbortSignal) {
    const look = () => persist(() => hasLeft(feed, spool), { feed, activity: 'spool', report, signal });
    while (await look()) await wait(lookMs, signal);
  }

  function afterwards(): Source {
    const source = upstream();
    return {
      ...source,
      async *batches(stop) {
        await emptied(stop);
        yield* source.batches(stop);
      },
    };
  }

  const intake = createFeedRunner({ context, inFlight, probeMs: timing.probeMs, openSource: afterwards });
  return createSpooledFeed(intake, openSpoolDrain(context, spool, timing));
}

/** Whether something of a feed waits in the spool. */
export async function hasLeft(feed: string, spool: Pick<Spool, 'state'>): Promise<boolean> {
  const { feeds } = await spool.state();
  return feeds.some((use) => use.feed === feed && use.records > 0);
}
