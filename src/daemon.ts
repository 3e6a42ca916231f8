import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openArchiveOf } from './archive-of.ts';
import type { Configuration } from './config/configuration.ts';
import type { FeedName } from './core/batch.ts';
import { BridgeError } from './core/errors.ts';
import type { ReloadReport } from './core/reload-report.ts';
import type { State } from './core/state.ts';
import { withDeadLetterReadings } from './dead-letter-readings.ts';
import { openAdminListener } from './http/admin.ts';
import type { ProxySettings } from './http/channel.ts';
import { openHealthListener } from './http/health.ts';
import { createRequestListener, type RequestListener } from './http/requests/desk.ts';
import { createHooksListener } from './http/server/hooks.ts';
import { createOperations } from './operations/create.ts';
import type { FeedControl } from './operations/feed-control.ts';
import { createFeedTurns } from './operations/feed-turns.ts';
import { pruneRegularly } from './prune-regularly.ts';
import { feedsOf } from './reload/plan.ts';
import { createReloader, type ReadAgain, type Reloader } from './reload/reloader.ts';
import { createRunningControl } from './running-control.ts';
import { createRunningPipelines, type RunningPipelines } from './running-pipelines.ts';
import { withSpoolReadings } from './spool-readings.ts';
import { openState } from './state/open.ts';
import { rememberingLedger } from './state/remembering-ledger.ts';
import type { Report } from './telemetry/events.ts';
import { createFeedReports } from './telemetry/feed-report.ts';
import { type DaemonTiming, daemonTiming } from './timing.ts';

export interface DaemonOptions {
  readonly configuration: Configuration;
  /** Reads the configuration again, as it is then. Absent: it cannot be reloaded. */
  readonly read?: () => Promise<ReadAgain>;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly pid: number;
  /** Default: `daemonTiming`. */
  readonly timing?: DaemonTiming;
}

export interface Daemon {
  readonly control: FeedControl;
  readonly state: State;
  /** Reads the configuration again and applies what has changed. `trigger`: who asked. Rejects with STOPPING. */
  reload(trigger: string): Promise<ReloadReport>;
  /** Stops taking, settles what is in flight within `timing.drainMs`, and closes everything. Resolves when all is stopped. */
  drain(reason: string): Promise<{ readonly drained: boolean }>;
}

/**
 * Runs every feed of a configuration. A broker or an upstream that is down does not keep it from starting; rejects with
 * a BridgeError when the state is locked or unusable, or a listener cannot be opened.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { configuration, proxy, report, pid, timing = daemonTiming } = options;
  const { drainMs, probeMs } = timing;
  await using resources = new AsyncDisposableStack();
  const feeds = configuration.pipelines.flatMap(feedsOf);
  const reports = createFeedReports(feeds);
  const tell: Report = (event) => {
    reports.report(event);
    report(event);
  };

  const files = resources.use(
    await openState({
      ...configuration.state,
      mode: 'exclusive',
      onSpoolReport: (damage) => tell({ event: 'spool.damaged', damage }),
    }),
  );
  const ledger = rememberingLedger(files.ledger, (error, { feed }) =>
    tell({ event: 'attempt.failed', subject: feed, activity: 'ledger', error, attempt: 1, delayMs: 0 }),
  );
  const state: State = { ...files, ledger };
  const archive = resources.use(openArchiveOf(configuration, tell));
  resources.use(pruneRegularly(state, configuration.state.keepReceiptsMs));

  const { baseDir } = configuration;
  const hasSpool = () => existsSync(join(configuration.state.dir, 'spool', 'spool.db'));
  const { listen } = configuration;
  const hooks = listen.hooks && resources.use(createHooksListener(listen.hooks, tell));
  const requests = listen.requests && resources.use(createRequestListener(listen.requests, state.requests, tell));
  const running = resources.use(
    createRunningPipelines({
      state,
      archive,
      proxy,
      report: tell,
      baseDir,
      timing,
      hasSpool,
      hooks,
      requests,
      publicUrl: configuration.publicUrl,
    }),
  );
  for (const pipeline of configuration.pipelines) await running.open(pipeline);

  const ending = new AbortController();
  const control = createRunningControl(running.feeds, drainMs, tell, ending.signal);
  const turns = createFeedTurns();
  const reloader = resources.use(
    createReloader({
      read: options.read ?? cannotRead,
      configuration,
      running,
      state,
      idleAt: (feed) => reports.of(feed)?.lastIdleAt ?? null,
      onFeeds: (present) => reports.keep(present),
      turns,
      drainMs,
      probeMs,
      report: tell,
      ending: ending.signal,
    }),
  );
  const operations = createOperations({
    get configuration() {
      return reloader.present;
    },
    state,
    archive,
    control,
    openedFeeds: running.feeds,
    turns,
    reload: () => reloader.reload('an operator'),
    proxy,
    report: tell,
    signal: ending.signal,
  });
  const isSpooled = (name: string) =>
    running.definitions().some((pipeline) => pipeline.name === name && pipeline.ack === 'spool');
  const health = resources.use(
    await openHealthListener({
      address: listen.health,
      ready: async () => [
        ...((await state.writable()) ? [] : ['the state cannot be written']),
        ...(ending.signal.aborted ? ['the bridge is being stopped'] : []),
      ],
      reports: async () =>
        withDeadLetterReadings(await withSpoolReadings(reports.all(), isSpooled, state.spool), state.deadLetters),
    }),
  );
  tell({ event: 'listener.opened', listener: 'health', address: health.address });
  const { token, ...address } = listen.admin;
  const admin = resources.use(await openAdminListener({ address, token, operations }));
  tell({ event: 'listener.opened', listener: 'admin', address: admin.address });

  tell({ event: 'daemon.started', feeds, pid });
  const paused = new Set<FeedName>(await state.pauses.list());
  for (const [feed, { runner }] of running.feeds) {
    if (paused.has(feed)) tell({ event: 'feed.paused', feed });
    else runner.resume();
  }

  const opened = resources.move();
  let draining: Promise<{ drained: boolean }> | undefined;
  return {
    control,
    state,
    reload: (trigger) => reloader.reload(trigger),
    drain(reason) {
      ending.abort();
      draining ??= drain(reason, { running, requests, reloader, drainMs, opened, report: tell });
      return draining;
    },
  };
}

interface Ending {
  readonly running: RunningPipelines;
  readonly requests: RequestListener | undefined;
  readonly reloader: Reloader;
  readonly drainMs: number;
  readonly opened: AsyncDisposableStack;
  readonly report: Report;
}

async function drain(
  reason: string,
  { running, requests, reloader, drainMs, opened, report }: Ending,
): Promise<{ drained: boolean }> {
  const started = performance.now();
  report({ event: 'daemon.draining', reason, deadlineMs: drainMs });
  const answered = requests?.drain(drainMs);
  const ends = await Promise.all([...running.feeds.values()].map(({ runner }) => runner.stop(drainMs)));
  await answered;
  // One that is under way begins no feed any more, and has stopped its own by now.
  await reloader.settled();
  const drained = ends.every((end) => end.drained);
  await opened.disposeAsync();
  report({ event: 'daemon.stopped', drained, ms: performance.now() - started });
  return { drained };
}

async function cannotRead(): Promise<never> {
  throw new BridgeError('CONFIG_UNREADABLE', 'the daemon was started without a file that it could read again');
}
