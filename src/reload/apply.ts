import type { PipelineDefinition } from '../config/configuration.ts';
import { upstreamFeed } from '../config/unsafe.ts';
import type { FeedName } from '../core/batch.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { RunningPipelines } from '../running-pipelines.ts';
import type { Report } from '../telemetry/events.ts';
import { feedsOf, type ReloadPlan } from './plan.ts';

export interface ApplyContext {
  readonly running: RunningPipelines;
  /** Pipelines that should run and could not be opened, with the settings to fall back to. */
  readonly down: Map<string, PipelineDefinition>;
  readonly paused: ReadonlySet<FeedName>;
  readonly drainMs: number;
  /** When what could not be opened is tried again, in milliseconds. */
  readonly probeMs: number;
  readonly report: Report;
  readonly ending: AbortSignal;
}

/**
 * Closes what goes or changes, and opens what comes. What a pipeline needs may be what another has held: all are closed
 * before the first is opened. Gives what went wrong; each pipeline fails for itself.
 */
export async function applyPlan(plan: ReloadPlan, context: ApplyContext): Promise<readonly Finding[]> {
  const { running, down, drainMs, ending } = context;
  const leaving = [...plan.removed.map(({ name }) => name), ...plan.changed.map(({ name }) => name)];
  await Promise.all(leaving.map((name) => running.close(name, drainMs)));
  for (const { name } of plan.removed) down.delete(name);

  const coming = [
    ...plan.changed.map(({ after, before }) => ({ after, before })),
    ...plan.added.map((after) => ({ after, before: undefined })),
  ];
  const findings: Finding[] = [];
  for (const { after, before } of coming) {
    if (ending.aborted) break;
    const others = [...plan.kept, ...coming.filter((other) => other.after !== after).map((other) => other.after)];
    findings.push(...(await change(before, after, others, context)));
  }
  return findings;
}

async function change(
  before: PipelineDefinition | undefined,
  after: PipelineDefinition,
  others: readonly PipelineDefinition[],
  context: ApplyContext,
): Promise<readonly Finding[]> {
  const { down } = context;
  const error = await tryToOpen(after, context);
  if (error === undefined) {
    down.delete(after.name);
    return [];
  }
  // With its old settings it may take from the feed that is another's by now.
  const isFree = before !== undefined && !takesFromTheSame(before, others);
  const runsAsBefore = isFree && (await tryToOpen(before, context)) === undefined;
  const { code, hint } = error;
  const subject = after.position;
  const message = `${after.name} could not be opened: ${error.message}.`;
  if (runsAsBefore) {
    down.delete(after.name);
    return [{ severity: 'error', subject, code, message: `${message} It runs with its old settings.`, hint }];
  }
  down.set(after.name, before ?? after);
  for (const feed of feedsOf(before ?? after)) {
    context.report({ event: 'feed.halted', feed, error, probeMs: context.probeMs });
  }
  return [{ severity: 'error', subject, code, message: `${message} It does not run.`, hint }];
}

async function tryToOpen(definition: PipelineDefinition, context: ApplyContext): Promise<BridgeError | undefined> {
  const { running, report, paused, ending } = context;
  try {
    await running.open(definition);
  } catch (thrown) {
    return toBridgeError(thrown);
  }
  for (const feed of feedsOf(definition)) {
    if (paused.has(feed)) report({ event: 'feed.paused', feed });
    else if (!ending.aborted) running.feeds.get(feed)?.runner.resume();
  }
  return undefined;
}

function takesFromTheSame(one: PipelineDefinition, others: readonly PipelineDefinition[]): boolean {
  const taken = new Set(
    others.flatMap(({ connector, feeds }) => feeds.map((feed) => upstreamFeed(connector.name, feed))),
  );
  return one.feeds.some((feed) => taken.has(upstreamFeed(one.connector.name, feed)));
}
