import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { confirmStep } from '../../src/kit/confirm-step.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { jsonRecords, jsonTypes } from '../../src/kit/webhook-content.ts';
import { toWebhookArrival } from '../../src/kit/webhook-settings.ts';
import { configSchema, type Os1Config } from './config.ts';
import { os1Normalise, os1Source } from './normalise.ts';

function feedsOf(config: Os1Config): readonly FeedDefinition[] {
  const { confirm } = config;
  const arrival = toWebhookArrival(config, { mediaTypes: jsonTypes, keepHeaders: [], records: jsonRecords() });
  return [
    {
      name: 'callbacks',
      source: os1Source(config.account),
      ids: config.fields.id ? 'event' : 'state',
      normalise: os1Normalise(config),
      steps: confirm ? [confirmStep(confirm.path)] : [],
      arrival: { ...arrival, ...(confirm && { endpoint: toEndpoint(confirm) }) },
    },
  ];
}

export const os1: AnyConnector = defineConnector({
  name: 'os1',
  summary: 'OS1 callbacks: signed webhooks that tell how requests went',
  config: configSchema,
  feeds: feedsOf,
});
