import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { ReloadReport } from '../core/reload-report.ts';
import type { FeedTurns } from '../operations/feed-turns.ts';
import type { RunningPipelines } from '../running-pipelines.ts';
import type { Report } from '../telemetry/events.ts';
import { applyPlan } from './apply.ts';
import {
  findOpenBatches,
  findOrphanedAnswers,
  findOrphanedCursors,
  findOrphanedRecords,
  findOrphanedRegistrations,
  type OrphanedState,
} from './orphans.ts';
import { feedsOf, planReload, type ReloadPlan } from './plan.ts';
import { findRestartNeeded } from './restart-needed.ts';

/** What was read of a file: its configuration, or why there is none. */
export interface ReadAgain {
  readonly configuration?: Configuration;
  readonly findings: readonly Finding[];
}

export interface ReloaderOptions {
  /** Reads the configuration file as it is now. */
  readonly read: () => Promise<ReadAgain>;
  /** What runs at the start. */
  readonly configuration: Configuration;
  readonly running: RunningPipelines;
  readonly state: OrphanedState & { readonly pauses: { list(): Promise<readonly FeedName[]> } };
  /** When the upstream of a feed had nothing more, in milliseconds since the epoch; null: not yet. */
  readonly idleAt: (feed: FeedName) => number | null;
  /** Told of all feeds that there are from now on. */
  readonly onFeeds: (feeds: readonly FeedName[]) => void;
  /** Those of the operators' acts: none of them and no reload meet at a feed. */
  readonly turns: FeedTurns;
  readonly drainMs: number;
  readonly probeMs: number;
  readonly report: Report;
  readonly ending: AbortSignal;
}

export interface Reloader extends Disposable {
  /** The configuration that runs now: of a pipeline that could not be changed, the old settings. */
  readonly present: Configuration;
  /** `trigger`: who asked, for the log. One at a time, others wait. Rejects with STOPPING once the daemon ends. */
  reload(trigger: string): Promise<ReloadReport>;
  /** Resolves when none is under way. */
  settled(): Promise<void>;
}

/** What was thought of a new file: nothing was applied of it, or all but what `failed` tells. */
type Verdict =
  | { readonly refused: readonly Finding[] }
  | { readonly plan: ReloadPlan; readonly failed: readonly Finding[] };

export function createReloader(options: ReloaderOptions): Reloader {
  const { running, state, report, ending, drainMs, probeMs } = options;
  let file = options.configuration;
  let present = file;
  const down = new Map<string, PipelineDefinition>();
  let last: Promise<unknown> = Promise.resolve();
  let retry: NodeJS.Timeout | undefined;

  /** What runs, and what should. */
  function definitions(): readonly PipelineDefinition[] {
    return [...running.definitions(), ...down.values()];
  }

  async function findKept({ gone, removed, added }: ReloadPlan): Promise<readonly Finding[]> {
    return [
      ...(await findOrphanedRecords(gone, state)),
      ...(await findOrphanedRegistrations(gone, state)),
      ...(await findOrphanedAnswers(gone, running.definitions(), state)),
      ...(await findOrphanedCursors(removed, added, state)),
    ];
  }

  /**
   * Feeds that are gone stop before it is known what they leave behind, unless it is clear beforehand; if that is too
   * much, they go on.
   */
  async function findOrphans(plan: ReloadPlan): Promise<readonly Finding[]> {
    const { gone } = plan;
    const clear = await findKept(plan);
    if (clear.length > 0) return clear;
    const stopped = gone.flatMap((feed) => {
      const runner = running.feeds.get(feed)?.runner;
      return runner === undefined || runner.state === 'paused' ? [] : [runner];
    });
    await Promise.all(stopped.map((runner) => runner.stop(drainMs)));
    let isFree = false;
    try {
      const found = [...(await findKept(plan)), ...(await findOpenBatches(gone, state, options.idleAt))];
      isFree = found.length === 0;
      return found;
    } finally {
      if (!isFree && !ending.aborted) for (const runner of stopped) runner.resume();
    }
  }

  async function apply(next: Configuration, plan: ReloadPlan): Promise<Verdict> {
    stopIfEnding();
    const stored = await state.pauses.list();
    const still = plan.touched.filter((feed) => running.feeds.get(feed)?.runner.state === 'paused');
    const refused = await findOrphans(plan);
    if (refused.length > 0) return { refused };
    stopIfEnding();
    const paused = new Set([...stored, ...still]);
    options.onFeeds([...new Set([...definitions().flatMap(feedsOf), ...plan.touched])]);
    const failed = await applyPlan(plan, { running, down, paused, drainMs, probeMs, report, ending });
    const opened = running.definitions();
    const pipelines = next.pipelines.flatMap(({ name }) => opened.find((pipeline) => pipeline.name === name) ?? []);
    file = next;
    present = { ...next, pipelines };
    options.onFeeds(definitions().flatMap(feedsOf));
    return { plan, failed };
  }

  async function judge(): Promise<Verdict> {
    const { configuration: next, findings } = await options.read();
    if (next === undefined) return { refused: findings };
    const refused = findRestartNeeded(file, next);
    if (refused.length > 0) return { refused };
    const plan = planReload(definitions(), new Set(down.keys()), next);
    if (plan.touched.length === 0) return { plan, failed: [] };
    return inTurnOf(options.turns, plan.touched, () => apply(next, plan));
  }

  function stopIfEnding(): void {
    if (ending.aborted) throw new BridgeError('STOPPING', 'the bridge is being stopped: nothing is reloaded');
  }

  async function reloadOnce(trigger: string): Promise<ReloadReport> {
    stopIfEnding();
    clearTimeout(retry);
    const started = performance.now();
    const verdict = await judge().catch((thrown: unknown): Verdict => ({ refused: [asFinding(thrown, file.file)] }));
    stopIfEnding();
    if (down.size > 0) retry = setTimeout(() => void reload('another try').catch(() => {}), probeMs).unref();
    if ('refused' in verdict) {
      const findings = verdict.refused;
      report({ event: 'config.refused', trigger, findings });
      return { outcome: 'refused', findings, added: [], changed: [], removed: [], kept: present.pipelines.map(nameOf) };
    }
    const { plan, failed } = verdict;
    const names = namesOf(plan);
    report({ event: 'config.reloaded', trigger, ...names, failed, ms: performance.now() - started });
    const outcome = failed.length > 0 ? 'failed' : plan.touched.length > 0 ? 'applied' : 'unchanged';
    return { outcome, findings: failed, ...names };
  }

  function reload(trigger: string): Promise<ReloadReport> {
    const turn = last.then(() => reloadOnce(trigger));
    last = turn.catch(() => {});
    return turn;
  }

  return {
    get present() {
      return present;
    },
    reload,
    async settled() {
      await last;
    },
    [Symbol.dispose]: () => clearTimeout(retry),
  };
}

const nameOf = ({ name }: { readonly name: string }): string => name;

function namesOf({ added, changed, removed, kept }: ReloadPlan) {
  return {
    added: added.map(nameOf),
    changed: changed.map(nameOf),
    removed: removed.map(nameOf),
    kept: kept.map(nameOf),
  };
}

function asFinding(thrown: unknown, subject: string): Finding {
  const { code, message, hint } = toBridgeError(thrown);
  return { severity: 'error', subject, code, message, hint };
}

/** Runs `act` when it is its turn at all these feeds. */
function inTurnOf<T>(turns: FeedTurns, feeds: readonly FeedName[], act: () => Promise<T>): Promise<T> {
  const [feed, ...rest] = feeds;
  return feed === undefined ? act() : turns(feed, () => inTurnOf(turns, rest, act));
}
