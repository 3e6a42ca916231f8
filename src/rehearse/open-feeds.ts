import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import { BridgeError } from '../core/errors.ts';
import type { RehearsedDestination, RehearsedFeed } from './plan.ts';

async function openDestinations(
  { name: pipeline, to }: PipelineDefinition,
  baseDir: string,
  resources: AsyncDisposableStack,
): Promise<readonly RehearsedDestination[]> {
  // Nothing is sent, so nobody has to log in.
  const openTokens = () => ({
    get: () => Promise.reject(new BridgeError('INTERNAL', 'a rehearsal asks for no token')),
    drop: () => {},
  });
  const destinations: RehearsedDestination[] = [];
  for (const { name, when: wants, brokerName, sinkType, broker, destination } of to) {
    const sink = resources.use(await sinkType.open(broker, destination, { pipeline, brokerName, baseDir, openTokens }));
    destinations.push({ name, wants, brokerName, route: (envelope, feed) => sink.route(envelope, feed) });
  }
  return destinations;
}

/** The feeds of a configuration, to be rehearsed. Connects to nothing. */
export async function openRehearsedFeeds(
  { pipelines, baseDir }: Configuration,
  resources: AsyncDisposableStack,
): Promise<ReadonlyMap<FeedName, RehearsedFeed>> {
  const feeds = new Map<FeedName, RehearsedFeed>();
  for (const pipeline of pipelines) {
    const destinations = await openDestinations(pipeline, baseDir, resources);
    for (const { name, normalise } of pipeline.feeds) {
      const feed: FeedName = `${pipeline.name}/${name}`;
      feeds.set(feed, { feed, normalise, destinations });
    }
  }
  return feeds;
}
