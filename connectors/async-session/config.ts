import { z } from 'zod';
import { expression } from '../../src/kit/expression.ts';
import { stalledAfter } from '../../src/kit/job-settings.ts';
import { accountSetting, typePrefix, webhookSettings } from '../../src/kit/webhook-settings.ts';
import { downloadSettings } from './download.ts';
import { sessionRequestSettings } from './requests.ts';

const fields = z.strictObject({
  sessionId: expression().prefault('/sessionId').describe('Which session.'),
  status: expression()
    .prefault('/status')
    .describe('Where it is: JsonDataReady, ReportReady, AllDone, Failed. Any other is an event of its own type.'),
  correlationid: expression().optional().describe('What the session belongs to. Default: nothing.'),
  time: expression().optional().describe('When it got there, an RFC 3339 timestamp. Default: not known.'),
});

/** What stands under `from`. */
export const configSchema = z.strictObject({
  connector: z.literal('async-session'),
  account: accountSetting,
  ...webhookSettings({ status: 200 }),
  requests: sessionRequestSettings
    .optional()
    .describe('Takes session requests at listen.requests, and sends them on with the webhook in. Default: none.'),
  stalledAfter: stalledAfter.describe(
    'A session is said to be stalled when it is neither AllDone nor Failed after so long (dev.feedferry.stalled).',
  ),
  download: downloadSettings
    .optional()
    .describe(
      'Fetches what sessions have made, once their webhooks are spooled: implies `ack: spool`. Default: nothing.',
    ),
  fields: fields
    .prefault({})
    .describe('Where the fields of a webhook are: JSON Pointers, or JSONata, over the body. The API documents none.'),
  typePrefix: typePrefix.default('dev.feedferry.asyncsession').describe('What the type of each event begins with.'),
});

export type AsyncSessionConfig = z.output<typeof configSchema>;
