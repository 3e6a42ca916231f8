import { z } from 'zod';
import { endpointSettings } from '../../src/kit/endpoint-settings.ts';
import { mailboxSettings, mailTrustSettings } from '../../src/kit/mailbox-settings.ts';
import { responseSettings } from '../../src/kit/response-settings.ts';
import { duration, secret, text } from '../../src/kit/scalars.ts';
import { scheduleSettings } from '../../src/kit/schedule-settings.ts';
import { accountSetting, typePrefix, webhookSettings } from '../../src/kit/webhook-settings.ts';
import { wapiRequestSettings } from './requests.ts';

const { auth: _, ...endpoint } = endpointSettings;
const { answer: __, ...hook } = webhookSettings({ status: 200 });

const api = z.strictObject({
  ...endpoint,
  user: text().describe('Who asks: the login of the account.'),
  password: secret().describe('The WAPI password. Every request is signed with it, the user and the hour in Prague.'),
});

const command = z.string().regex(/^[a-z][a-z0-9-]{0,99}$/, 'expected a command such as notify-poll-req');

const poll = z.strictObject({
  schedule: scheduleSettings,
  commands: z
    .strictObject({
      next: command.default('notify-poll-req').describe('Gives the oldest notification; poll-req elsewhere.'),
      ack: command.default('notify-poll-ack').describe('Marks it; poll-ack elsewhere.'),
      idField: z
        .string()
        .regex(/^[A-Za-z_][\w.-]*$/, 'expected the name of an element')
        .default('id')
        .describe('Where in its data `ack` has the ID of the notification.'),
    })
    .prefault({})
    .describe('Names of the commands, which WAPI documents in two ways.'),
  responses: responseSettings,
});

const post = z.strictObject({
  ...hook,
  answer: z
    .strictObject({
      within: duration({ max: '5m' }).prefault('8s').describe('When it is not safe by then, the answer is 503.'),
    })
    .prefault({})
    .describe('When it is answered at the latest: 200 and nothing else, or 503.'),
});

const settings = z.strictObject({
  connector: z.literal('wapi'),
  account: accountSetting,
  delivery: z.enum(['poll', 'post', 'mail']).default('poll').describe('How notifications come, as it is set at WAPI.'),
  api: api.optional().describe('Where WAPI is, and who asks: for `delivery: poll` and `requests`.'),
  poll: poll.optional().describe('How its queue is polled. Only with `delivery: poll`; default: as documented.'),
  post: post.optional().describe('Where WAPI posts notifications. Only with `delivery: post`, and needed there.'),
  mailbox: mailboxSettings
    .optional()
    .describe('Where WAPI mails notifications. Only with `delivery: mail`, and needed there.'),
  trust: mailTrustSettings.optional().describe('Whose mails are believed. Only with `mailbox`, and needed there.'),
  requests: wapiRequestSettings
    .optional()
    .describe('Takes commands at listen.requests, and sends them on with who asks, and a clTRID. Default: none.'),
  typePrefix: typePrefix.default('com.wedos.wapi').describe('What the type of each event begins with.'),
});

/** What stands under `from`. */
export const configSchema = settings.superRefine(({ delivery, api, poll, post, mailbox, trust, requests }, context) => {
  const complain = (path: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [path], message });
  };
  if (delivery === 'poll' && api === undefined)
    complain('api', '`delivery: poll` needs `api`, such as { baseUrl: https://api.wedos.com, user: …, password: … }');
  else if (requests && api === undefined)
    complain('api', '`requests` needs `api`, such as { baseUrl: https://api.wedos.com, user: …, password: … }');
  if (delivery === 'post' && post === undefined)
    complain('post', '`delivery: post` needs `post`, such as { path: /hooks/wapi, verify: { secretPath: […] } }');
  if (delivery === 'mail' && mailbox === undefined)
    complain('mailbox', '`delivery: mail` needs `mailbox`, such as { host: imap.example.com, user: …, password: … }');
  if (delivery === 'mail' && trust === undefined)
    complain(
      'trust',
      'anybody can write to a mailbox: `trust` names who is believed, as { authservId: mx.example.com, dkim: [wedos.com] }',
    );
  if (delivery !== 'mail' && (mailbox ?? trust) !== undefined)
    complain(
      mailbox ? 'mailbox' : 'trust',
      `no mails are read with \`delivery: ${delivery}\`: leave \`mailbox\` and \`trust\` out`,
    );
  if (delivery !== 'post' && post !== undefined)
    complain('post', `nothing is posted here with \`delivery: ${delivery}\`: leave \`post\` out`);
  if (delivery !== 'poll' && poll !== undefined)
    complain('poll', `nothing is polled with \`delivery: ${delivery}\`: leave \`poll\` out`);
});

export type WapiConfig = z.output<typeof configSchema>;

/** As if `poll: {}` stood there. */
export const usualPolling: z.output<typeof poll> = poll.parse({});
