import { z } from 'zod';
import { eventFields } from '../../src/kit/event-settings.ts';
import { refuseStream, streamSettings } from '../../src/kit/stream-settings.ts';
import { accountSetting } from '../../src/kit/webhook-settings.ts';

const words = z.array(z.string().min(1).max(200)).default([]);

/** What stands under `from`. */
export const configSchema = z
  .strictObject({
    connector: z.literal('sse'),
    account: accountSetting,
    ...streamSettings,
    path: z
      .string()
      .regex(/^(?!\/)[\x21-\x7e]*$/, 'expected a path below baseUrl, without a slash at its beginning')
      .default('')
      .describe('Of the stream, below baseUrl; may have a query.'),
    content: z.enum(['json', 'text']).default('json').describe('What the data of each event is.'),
    event: eventFields.describe(
      'Where the fields of an event are: JSON Pointers, or JSONata, over { body, event, id }; `event` and `id` are those of the stream.',
    ),
    errors: z
      .strictObject({
        auth: words.describe('The credentials are not accepted: a fresh token, then ever longer pauses.'),
        retry: words.describe('Tried again later.'),
        fatal: words.describe('The feed halts.'),
      })
      .prefault({})
      .describe('Words by which the stream tells an error in the place of events, as text or in JSON.'),
  })
  .superRefine(refuseStream);

export type SseConfig = z.output<typeof configSchema>;
