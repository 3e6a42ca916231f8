import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';

export interface Change {
  readonly name: string;
  readonly before: PipelineDefinition;
  readonly after: PipelineDefinition;
}

/** What a new configuration asks of the pipelines that there are. */
export interface ReloadPlan {
  readonly kept: readonly PipelineDefinition[];
  readonly changed: readonly Change[];
  readonly added: readonly PipelineDefinition[];
  readonly removed: readonly PipelineDefinition[];
  /** Feeds that the new configuration has no more. */
  readonly gone: readonly FeedName[];
  /** All feeds of pipelines that do not stay as they are. */
  readonly touched: readonly FeedName[];
}

export function feedsOf({ name, feeds }: PipelineDefinition): readonly FeedName[] {
  return feeds.map((feed): FeedName => `${name}/${feed.name}`);
}

/** `present`: what should run now; of these, `down` names pipelines that do not. */
export function planReload(
  present: readonly PipelineDefinition[],
  down: ReadonlySet<string>,
  { pipelines }: Configuration,
): ReloadPlan {
  const before = new Map(present.map((pipeline) => [pipeline.name, pipeline]));
  const names = new Set(pipelines.map(({ name }) => name));
  const isSame = (pipeline: PipelineDefinition) =>
    !down.has(pipeline.name) && before.get(pipeline.name)?.fingerprint.whole === pipeline.fingerprint.whole;
  const removed = present.filter(({ name }) => !names.has(name));
  const kept = pipelines.filter(isSame);
  const changed = pipelines.flatMap((after) => {
    const former = before.get(after.name);
    return former === undefined || isSame(after) ? [] : [{ name: after.name, before: former, after }];
  });
  const added = pipelines.filter(({ name }) => !before.has(name));
  const had = [...removed, ...changed.map((change) => change.before)].flatMap(feedsOf);
  const has = [...added, ...changed.map(({ after }) => after)].flatMap(feedsOf);
  const gone = had.filter((feed) => !has.includes(feed));
  return { kept, changed, added, removed, gone, touched: [...new Set([...had, ...has])] };
}
