import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { attributeText } from '../../src/kit/attribute-text.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { configSchema, type FenergoConfig } from './config.ts';
import { enrich } from './enrich.ts';
import { fenergoNormalise } from './normalise.ts';
import { fenergoProtocol } from './protocol.ts';
import { feedSource, tenantHeader } from './tenant.ts';

function feedsOf(config: FenergoConfig): readonly FeedDefinition[] {
  const endpoint = toEndpoint(config);
  // The tenant stands in `source` and `tenantid` of every event: a secret by its type only.
  const tenant = attributeText(endpoint.headers[tenantHeader]?.reveal());
  const owner = tenant ?? new URL(config.baseUrl).host;
  return config.feeds.map((feed) => ({
    name: feed,
    source: feedSource(owner, feed),
    ids: 'event',
    normalise: fenergoNormalise({ ...config, feed, owner, tenant }),
    steps: config.enrich ? [enrich] : [],
    arrival: { kind: 'poll', endpoint, schedule: config.schedule, protocol: fenergoProtocol(feed) },
  }));
}

export const fenergo: AnyConnector = defineConnector({
  name: 'fenergo',
  summary: 'Fenergo event notifications: six polled feeds, completed batch by batch',
  config: configSchema,
  feeds: feedsOf,
});
