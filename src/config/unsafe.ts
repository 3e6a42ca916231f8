import type { FeedDefinition } from '../core/connector.ts';
import type { Configuration } from './configuration.ts';
import type { Position } from './node.ts';
import type { DeclaredPipeline } from './pipelines.ts';
import type { Refuse } from './problem.ts';

/** What is equal for two feeds that take from the same one upstream; for those that are sent to, by the same path. */
export function upstreamFeed(connector: string, { source, arrival }: FeedDefinition): string {
  if (arrival.kind === 'webhook') return JSON.stringify([arrival.path]);
  if (arrival.kind === 'answers') return JSON.stringify([connector, arrival.of, source]);
  if (arrival.kind === 'mailbox') {
    const { server, folder } = arrival;
    return JSON.stringify([server.host.toLowerCase(), server.port, server.user, folder]);
  }
  return JSON.stringify([connector, arrival.endpoint.baseUrl.replace(/\/+$/, ''), source]);
}

/** Two pollers on one feed take events from each other, reorder and double them. */
export function refuseFeedsPolledTwice(pipelines: readonly DeclaredPipeline[], refuse: Refuse): void {
  const owners = new Map<string, string>();
  for (const { name, at, upstream } of pipelines) {
    const polled = upstream?.feeds.filter(({ arrival }) => arrival.kind === 'poll' || arrival.kind === 'mailbox') ?? [];
    const shared = new Map<string, string[]>();
    for (const feed of polled) {
      const identity = upstreamFeed(upstream?.connector.name ?? '', feed);
      const owner = owners.get(identity);
      if (owner === undefined) owners.set(identity, name);
      else shared.set(owner, [...(shared.get(owner) ?? []), feed.name]);
    }
    for (const [owner, feeds] of shared) {
      refuse({
        at,
        code: 'CONFIG_UNSAFE',
        message: `${name} polls ${feeds.join(', ')} at the same upstream as ${owner} does: events would be doubled and reordered.`,
        hint: 'Let one pipeline poll each feed.',
      });
    }
  }
}

/** Two listeners cannot share a port, and the second one would only fail at the start. */
export function refuseSharedPort(listen: Configuration['listen'], at: Position, refuse: Refuse): void {
  const { health, admin, hooks, requests } = listen;
  const named = Object.entries({ admin, health, ...(hooks && { hooks }), ...(requests && { requests }) });
  named.forEach(([name, one], index) => {
    const [same] = named.slice(index + 1).find(([, other]) => one.port === other.port && one.host === other.host) ?? [];
    if (one.port === 0 || same === undefined) return;
    const message = `listen.${name} and listen.${same} are both ${one.host}:${one.port}.`;
    refuse({ at, code: 'CONFIG_INVALID', message, hint: 'Give each listener a port of its own.' });
  });
}
