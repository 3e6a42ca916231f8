import { z } from 'zod';
import type { Challenge } from '../core/webhook.ts';
import { secret, text } from './scalars.ts';

const cloudevents = z
  .strictObject({
    cloudevents: z
      .strictObject({
        origins: z
          .array(text())
          .min(1)
          .describe('Who may ask, as WebHook-Request-Origin names itself; `*` stands for any text.'),
        ratePerMinute: z.int().min(1).max(1_000_000).optional().describe('Most that is granted. Default: no limit.'),
      })
      .describe('OPTIONS with WebHook-Request-Origin, as the CloudEvents specification for webhooks has it.'),
  })
  .transform(
    ({ cloudevents: { origins, ratePerMinute } }): Challenge => ({
      kind: 'cloudevents',
      origins,
      ...(ratePerMinute !== undefined && { ratePerMinute }),
    }),
  );

const echo = z
  .strictObject({
    echo: z
      .strictObject({
        parameter: text().describe('Whose value is sent back, such as hub.challenge.'),
        token: z
          .strictObject({
            parameter: text().describe('Where the sender proves itself, such as hub.verify_token.'),
            secrets: z.array(secret()).min(1).max(8).describe('One of them has to stand there.'),
          })
          .optional()
          .describe('Asked for before anything is sent back. Default: nothing.'),
      })
      .describe('GET with a parameter in its query whose value is the answer.'),
  })
  .transform(
    ({ echo: { parameter, token } }): Challenge => ({ kind: 'echo', parameter, ...(token !== undefined && { token }) }),
  );

const slack = z.literal('slack').transform((): Challenge => ({ kind: 'slack' }));

/** How senders ask whether this is really an address for webhooks. For the settings of every webhook connector. */
export const challengeSettings = z
  .array(
    z.union(
      [slack, cloudevents, echo],
      'expected slack, { cloudevents: { origins: [...] } } or { echo: { parameter: ... } }',
    ),
  )
  .default([])
  .describe('How senders ask whether this is really an address for webhooks: slack, cloudevents, echo.');
