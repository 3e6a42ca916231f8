import type { Configuration, DestinationDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { Endpoint, HttpClient } from '../core/http.ts';
import type { NextAnswer } from '../core/poll-protocol.ts';
import type { ProxySettings } from '../http/channel.ts';
import { createHttpClient } from '../http/client.ts';

export interface AskableFeed {
  readonly feed: FeedName;
  readonly definition: FeedDefinition;
  readonly to: readonly DestinationDefinition[];
  /** The open batch, or that there is none; asking changes nothing upstream. Rejects with a BridgeError. */
  ask(signal: AbortSignal): Promise<NextAnswer>;
}

/** Every feed of a configuration that can be asked, ready for it; those of one endpoint share a client, and so a token. */
export interface AskableFeeds extends AsyncDisposable {
  readonly feeds: readonly AskableFeed[];
}

export function openFeeds({ pipelines }: Configuration, proxy: ProxySettings): AskableFeeds {
  const clients = new AsyncDisposableStack();
  const known = new Map<Endpoint, HttpClient>();

  function clientFor(endpoint: Endpoint, subject: string): HttpClient {
    let client = known.get(endpoint);
    if (client === undefined) {
      client = clients.use(createHttpClient(endpoint, { proxy, subject, report: () => {} }));
      known.set(endpoint, client);
    }
    return client;
  }

  const feeds = pipelines.flatMap((pipeline) =>
    pipeline.feeds.flatMap((definition): AskableFeed[] => {
      if (definition.arrival.kind !== 'poll') return [];
      const { endpoint, protocol } = definition.arrival;
      return [
        {
          feed: `${pipeline.name}/${definition.name}`,
          definition,
          to: pipeline.to,
          async ask(signal) {
            const client = clientFor(endpoint, pipeline.name);
            const request = protocol.next({ now: new Date(), position: undefined });
            return protocol.readNext(await client.send(request, signal));
          },
        },
      ];
    }),
  );
  return { feeds, [Symbol.asyncDispose]: () => clients.disposeAsync() };
}
