import { claimsOpener } from './claims/open-claims.ts';
import type { PipelineDefinition } from './config/configuration.ts';
import type { FeedName } from './core/batch.ts';
import type { FeedDefinition } from './core/connector.ts';
import type { Endpoint } from './core/http.ts';
import type { Requests } from './core/requests.ts';
import { createHttpClient } from './http/client.ts';
import { noClient } from './http/no-client.ts';
import { type DestinationContext, openDestination } from './open-destination.ts';
import { openSteps } from './open-downloads.ts';
import { correlateStep } from './pipeline/correlate.ts';
import type { Destination } from './pipeline/destination.ts';
import { createOutlet, type Outlet } from './pipeline/outlet.ts';

/** Opens the destinations of a pipeline for records of one feed that are published again, with connections of their own. */
export async function openOutlet(
  { name, to }: Pick<PipelineDefinition, 'name' | 'to'>,
  definition: FeedDefinition,
  context: DestinationContext & { readonly requests?: Pick<Requests, 'find'> },
): Promise<Outlet> {
  const { name: feedName, normalise, ids, arrival, jobs } = definition;
  const { proxy, report, resources } = context;
  const destinations: Destination[] = [];
  for (const one of to) destinations.push((await openDestination(name, one, context)).destination);
  const { endpoint } = arrival;
  const clientFor = (to: Endpoint) => resources.use(createHttpClient(to, { proxy, subject: name, report }));
  const client = endpoint ? clientFor(endpoint) : noClient;
  const steps = await openSteps(definition, clientFor, claimsOpener(context.baseDir, resources));
  const feed: FeedName = `${name}/${feedName}`;
  const { requests } = context;
  return createOutlet({
    feed,
    normalise,
    ids,
    steps: jobs && requests ? [...steps, correlateStep(feed, jobs, requests)] : steps,
    fetch: client.send,
    destinations,
    report,
  });
}
