import type { PipelineDefinition } from './config/configuration.ts';
import type { FeedName } from './core/batch.ts';
import { type OpenedFeed, openPipeline, type PipelineContext } from './open-pipeline.ts';

import { createHandover } from './sources/sse/handover.ts';

/** The pipelines of a daemon, which come and go. Disposing of it closes all; their feeds have to be stopped before. */
export interface RunningPipelines extends AsyncDisposable {
  /** All feeds there are at present. */
  readonly feeds: ReadonlyMap<FeedName, OpenedFeed>;
  /** In the order in which they were opened. */
  definitions(): readonly PipelineDefinition[];
  /** Opens a pipeline, none of whose feeds runs yet. Rejects, with all closed again, when that fails. */
  open(definition: PipelineDefinition): Promise<void>;
  /** Stops the feeds of a pipeline, each within `graceMs`, and closes its destinations and clients. */
  close(name: string, graceMs: number): Promise<void>;
}

interface Running {
  readonly definition: PipelineDefinition;
  readonly opened: readonly OpenedFeed[];
  readonly resources: AsyncDisposableStack;
}

export function createRunningPipelines(context: Omit<PipelineContext, 'resources' | 'handover'>): RunningPipelines {
  const handover = createHandover();
  const running = new Map<string, Running>();
  const feeds = new Map<FeedName, OpenedFeed>();
  return {
    feeds,
    definitions: () => [...running.values()].map(({ definition }) => definition),
    async open(definition) {
      await using resources = new AsyncDisposableStack();
      const opened = await openPipeline(definition, { ...context, handover, resources });
      running.set(definition.name, { definition, opened, resources: resources.move() });
      for (const feed of opened) feeds.set(feed.runner.feed, feed);
    },
    async close(name, graceMs) {
      const closing = running.get(name);
      if (closing === undefined) return;
      for (const { runner } of closing.opened) handover.expect(runner.feed);
      await Promise.all(closing.opened.map(({ runner }) => runner.stop(graceMs)));
      running.delete(name);
      for (const { runner } of closing.opened) feeds.delete(runner.feed);
      await closing.resources.disposeAsync();
    },
    async [Symbol.asyncDispose]() {
      await handover[Symbol.asyncDispose]();
      const all = [...running.values()].map(({ resources }) => resources.disposeAsync());
      running.clear();
      await Promise.all(all);
    },
  };
}
