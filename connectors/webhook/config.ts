import { z } from 'zod';
import { registrationSettings } from '../../src/kit/registration-settings.ts';
import { accountSetting, webhookSettings } from '../../src/kit/webhook-settings.ts';
import { contentSettings } from './content.ts';
import { eventSettings } from './event-settings.ts';

/** What stands under `from`. */
export const configSchema = z
  .strictObject({
    connector: z.literal('webhook'),
    account: accountSetting,
    ...webhookSettings({ status: 200 }),
    register: registrationSettings
      .optional()
      .describe('Tells the upstream where to send, and keeps it so. Default: people do.'),
    content: contentSettings,
    event: eventSettings
      .optional()
      .describe(
        'Where the fields of an event are: JSON Pointers, or JSONata, over { headers, body, query, method, index }.',
      ),
  })
  .superRefine(({ content, event }, context) => {
    if (content.kind === 'cloudevents' && event !== undefined) {
      const message = 'CloudEvents bring their own id, source and type: leave `event` out';
      context.addIssue({ code: 'custom', path: ['event'], message });
    }
    if (content.kind !== 'cloudevents' && event === undefined) {
      const message =
        'expected `event` with id and type, such as { id: /body/id, type: \'"com.example." & body.type\' }';
      context.addIssue({ code: 'custom', path: ['event'], message });
    }
  });

export type WebhookConfig = z.output<typeof configSchema>;
