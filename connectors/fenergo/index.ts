import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { attributeText } from '../../src/kit/attribute-text.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { configSchema, type FenergoConfig } from './config.ts';
import { enrich } from './enrich.ts';
import { fenergoNormalise } from './normalise.ts';
import { fenergoProtocol } from './protocol.ts';
import { feedSource, tenantHeader } from './tenant.ts';
import { fenergoWebhook } from './webhook.ts';

function feedsOf(config: FenergoConfig): readonly FeedDefinition[] {
  const endpoint = toEndpoint(config);
  // The tenant stands in `source` and `tenantid` of every event: a secret by its type only.
  const tenant = attributeText(endpoint.headers[tenantHeader]?.reveal());
  const owner = tenant ?? new URL(config.baseUrl).host;
  const { delivery, webhook, schedule } = config;
  return config.feeds.flatMap((feed) => {
    const shared = {
      source: feedSource(owner, feed),
      ids: 'event',
      ...(delivery === 'both' && { twins: feed }),
      normalise: fenergoNormalise({ ...config, feed, owner, tenant }),
      steps: config.enrich ? [enrich] : [],
    } as const;
    const polled = { kind: 'poll', endpoint, schedule, protocol: fenergoProtocol(feed) } as const;
    const feeds: FeedDefinition[] = [];
    if (delivery !== 'webhook') feeds.push({ ...shared, name: feed, arrival: polled });
    if (webhook) {
      const name = delivery === 'both' ? `${feed}-webhook` : feed;
      feeds.push({ ...shared, name, arrival: fenergoWebhook(webhook, feed, endpoint) });
    }
    return feeds;
  });
}

export const fenergo: AnyConnector = defineConnector({
  name: 'fenergo',
  summary: 'Fenergo event notifications: six feeds, polled and completed batch by batch, or sent by webhook',
  config: configSchema,
  feeds: feedsOf,
});
