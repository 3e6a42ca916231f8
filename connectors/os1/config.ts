import { z } from 'zod';
import { confirmSettings } from '../../src/kit/confirm-step.ts';
import { outcomeSettings } from '../../src/kit/event-fields.ts';
import { expression } from '../../src/kit/expression.ts';
import { registrationSettings } from '../../src/kit/registration-settings.ts';
import { accountSetting, typePrefix, webhookSettings } from '../../src/kit/webhook-settings.ts';
import { os1RequestSettings } from './requests.ts';

const fields = z.strictObject({
  eventType: expression().prefault('/eventType').describe('What has happened, as in Created.'),
  service: expression().prefault('/service').describe('To what: Participant, Container or Entity.'),
  id: expression()
    .optional()
    .describe('Names the occurrence. Default: a digest of service, event type and body, the same for a repeat.'),
  subject: expression().prefault('/data/id').describe('What it is about.'),
  partitionkey: expression().prefault('/data/id').describe('What stays in order; where it finds nothing, the source.'),
  correlationid: expression().prefault('/requestId').describe('The request that it answers.'),
  time: expression().optional().describe('When it happened, an RFC 3339 timestamp. Default: not known.'),
});

/** What stands under `from`. */
export const configSchema = z.strictObject({
  connector: z.literal('os1'),
  account: accountSetting,
  ...webhookSettings({ status: 202, only: { statuses: [200, 202], sender: 'OS1' } }),
  register: registrationSettings.optional().describe('Tells OS1 where to send, and keeps it so. Default: people do.'),
  confirm: confirmSettings
    .optional()
    .describe(
      'Asks OS1 about each callback, besides its signature, before it is published. Default: nothing is asked.',
    ),
  requests: os1RequestSettings
    .optional()
    .describe('Takes requests to OS1 at listen.requests, and sends them on with the callback URL in. Default: none.'),
  fields: fields
    .prefault({})
    .describe('Where the fields of a callback are: JSON Pointers, or JSONata, over the body. OS1 documents none.'),
  outcome: outcomeSettings
    .prefault({})
    .describe('Conditions over the body that tell a failed request, or one not at its end. Otherwise it is ok.'),
  typePrefix: typePrefix.default('com.delhivery.os1').describe('What the type of each event begins with.'),
});

export type Os1Config = z.output<typeof configSchema>;
