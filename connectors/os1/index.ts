import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { confirmStep } from '../../src/kit/confirm-step.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { requestMarksKept } from '../../src/kit/job-settings.ts';
import { jsonRecords, jsonTypes } from '../../src/kit/webhook-content.ts';
import { toWebhookArrival } from '../../src/kit/webhook-settings.ts';
import { configSchema, type Os1Config } from './config.ts';
import { os1Normalise, os1Source } from './normalise.ts';
import { os1Jobs } from './requests.ts';

function feedsOf(config: Os1Config): readonly FeedDefinition[] {
  const { confirm, requests } = config;
  const arrival = toWebhookArrival(config, {
    mediaTypes: jsonTypes,
    keepHeaders: [],
    records: jsonRecords(requestMarksKept),
  });
  return [
    {
      name: 'callbacks',
      source: os1Source(config.account),
      ids: config.fields.id ? 'event' : 'state',
      normalise: os1Normalise(config),
      steps: confirm ? [confirmStep(confirm.path)] : [],
      arrival: { ...arrival, ...(confirm && { endpoint: toEndpoint(confirm) }) },
      ...(requests && { jobs: os1Jobs(requests) }),
    },
  ];
}

export const os1: AnyConnector = defineConnector({
  name: 'os1',
  summary: 'OS1 callbacks: signed webhooks that tell how requests went',
  config: configSchema,
  feeds: feedsOf,
});
