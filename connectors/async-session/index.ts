import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { requestMarksKept } from '../../src/kit/job-settings.ts';
import { jsonRecords, jsonTypes } from '../../src/kit/webhook-content.ts';
import { toWebhookArrival } from '../../src/kit/webhook-settings.ts';
import { type AsyncSessionConfig, configSchema } from './config.ts';
import { sessionDownloads } from './download.ts';
import { sessionNormalise, sessionSource } from './normalise.ts';
import { sessionJobs } from './requests.ts';

function feedsOf(config: AsyncSessionConfig): readonly FeedDefinition[] {
  const downloads = sessionDownloads(config);
  return [
    {
      name: 'sessions',
      source: sessionSource(config.account),
      ids: 'state',
      normalise: sessionNormalise(config),
      steps: [],
      jobs: sessionJobs(config),
      ...(downloads && { downloads }),
      arrival: toWebhookArrival(config, {
        mediaTypes: jsonTypes,
        keepHeaders: [],
        records: jsonRecords(requestMarksKept),
      }),
    },
  ];
}

export const asyncSession: AnyConnector = defineConnector({
  name: 'async-session',
  summary: 'Asynchronous session API: webhooks that tell how sessions go',
  config: configSchema,
  feeds: feedsOf,
});
