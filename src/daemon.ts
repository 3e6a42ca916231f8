import { openArchiveOf } from './archive-of.ts';
import type { Configuration } from './config/configuration.ts';
import type { FeedName } from './core/batch.ts';
import { BridgeError } from './core/errors.ts';
import type { State } from './core/state.ts';
import { openAdminListener } from './http/admin.ts';
import type { ProxySettings } from './http/channel.ts';
import { openHealthListener } from './http/health.ts';
import { type OpenedFeed, openPipeline } from './open-pipeline.ts';
import { createOperations } from './operations/create.ts';
import type { FeedControl } from './operations/feed-control.ts';
import type { FeedRunner } from './pipeline/feed-runner.ts';
import { openState } from './state/open.ts';
import { rememberingLedger } from './state/remembering-ledger.ts';
import type { Report } from './telemetry/events.ts';
import { createFeedReports } from './telemetry/feed-report.ts';
import { type DaemonTiming, daemonTiming } from './timing.ts';

const pruneEveryMs = 3_600_000;

export interface DaemonOptions {
  readonly configuration: Configuration;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly pid: number;
  /** Default: `daemonTiming`. */
  readonly timing?: DaemonTiming;
}

export interface Daemon {
  readonly control: FeedControl;
  readonly state: State;
  /** Stops taking, settles what is in flight within `timing.drainMs`, and closes everything. Resolves when all is stopped. */
  drain(reason: string): Promise<{ readonly drained: boolean }>;
}

/**
 * Runs every feed of a configuration. A broker or an upstream that is down does not keep it from starting; rejects with
 * a BridgeError when the state is locked or unusable, or a listener cannot be opened.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { configuration, proxy, report, pid, timing = daemonTiming } = options;
  await using resources = new AsyncDisposableStack();
  const feeds = configuration.pipelines.flatMap(({ name, feeds }) =>
    feeds.map((feed): FeedName => `${name}/${feed.name}`),
  );
  const reports = createFeedReports(feeds);
  const tell: Report = (event) => {
    reports.report(event);
    report(event);
  };

  const files = resources.use(await openState({ ...configuration.state, mode: 'exclusive' }));
  const ledger = rememberingLedger(files.ledger, (error, { feed }) =>
    tell({ event: 'attempt.failed', subject: feed, activity: 'ledger', error, attempt: 1, delayMs: 0 }),
  );
  const state: State = { ...files, ledger };
  const archive = resources.use(openArchiveOf(configuration, tell));
  resources.use(pruneRegularly(state, configuration.state.keepReceiptsMs));

  const runners = new Map<FeedName, FeedRunner>();
  const openedFeeds = new Map<FeedName, OpenedFeed>();
  const context = { state, archive, proxy, report: tell, baseDir: configuration.baseDir, resources, timing };
  for (const pipeline of configuration.pipelines) {
    for (const feed of await openPipeline(pipeline, context)) {
      runners.set(feed.runner.feed, feed.runner);
      openedFeeds.set(feed.runner.feed, feed);
    }
  }

  const ending = new AbortController();
  const control = controlOf(runners, timing.drainMs, tell, ending.signal);
  const operations = createOperations({
    configuration,
    state,
    archive,
    control,
    openedFeeds,
    proxy,
    report: tell,
    signal: ending.signal,
  });
  const health = resources.use(
    await openHealthListener({
      address: configuration.listen.health,
      ready: async () => ((await state.writable()) ? [] : ['the state cannot be written']),
      reports: () => reports.all(),
    }),
  );
  tell({ event: 'listener.opened', listener: 'health', address: health.address });
  const { token, ...address } = configuration.listen.admin;
  const admin = resources.use(await openAdminListener({ address, token, operations }));
  tell({ event: 'listener.opened', listener: 'admin', address: admin.address });

  tell({ event: 'daemon.started', feeds, pid });
  const paused = new Set(await state.pauses.list());
  for (const [feed, runner] of runners) {
    if (paused.has(feed)) tell({ event: 'feed.paused', feed });
    else runner.resume();
  }

  const opened = resources.move();
  let draining: Promise<{ drained: boolean }> | undefined;
  return {
    control,
    state,
    drain(reason) {
      ending.abort();
      draining ??= drain(reason, runners, timing.drainMs, opened, tell);
      return draining;
    },
  };
}

async function drain(
  reason: string,
  runners: ReadonlyMap<FeedName, FeedRunner>,
  drainMs: number,
  opened: AsyncDisposableStack,
  report: Report,
): Promise<{ drained: boolean }> {
  const started = performance.now();
  report({ event: 'daemon.draining', reason, deadlineMs: drainMs });
  const ends = await Promise.all([...runners.values()].map((runner) => runner.stop(drainMs)));
  const drained = ends.every((end) => end.drained);
  await opened.disposeAsync();
  report({ event: 'daemon.stopped', drained, ms: performance.now() - started });
  return { drained };
}

/** Once `ending` has aborted, no feed begins again: whoever held one lets go of it in vain. */
function controlOf(
  runners: ReadonlyMap<FeedName, FeedRunner>,
  drainMs: number,
  report: Report,
  ending: AbortSignal,
): FeedControl {
  const runnerOf = (feed: FeedName): FeedRunner => {
    const runner = runners.get(feed);
    if (runner) return runner;
    throw new BridgeError('FEED_UNKNOWN', `there is no feed ${feed}`, {
      hint: `There are: ${[...runners.keys()].join(', ')}`,
    });
  };
  return {
    feeds: [...runners.keys()],
    state: (feed) => runnerOf(feed).state,
    async pause(feed) {
      await runnerOf(feed).stop(drainMs);
      report({ event: 'feed.paused', feed });
    },
    async resume(feed) {
      const runner = runnerOf(feed);
      if (ending.aborted) return;
      runner.resume();
      report({ event: 'feed.resumed', feed });
    },
  };
}

/** Forgets completed ledger entries and closed dead letters that are older than the configuration keeps them. */
function pruneRegularly(state: State, keepMs: number): Disposable {
  const timer = setInterval(() => {
    // A failure shows at the next write; pruning itself can wait.
    const before = new Date(Date.now() - keepMs);
    state.ledger.prune(before).catch(() => {});
    state.deadLetters.prune(before).catch(() => {});
  }, pruneEveryMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
