import { type AnyConnector, type Arrival, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Jobs } from '../../src/core/requests.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { toMailboxArrival } from '../../src/kit/mailbox-settings.ts';
import { toWebhookArrival } from '../../src/kit/webhook-settings.ts';
import { configSchema, usualPolling, type WapiConfig } from './config.ts';
import { mailedNotifications } from './mail.ts';
import { wapiNormalise, wapiSource } from './normalise.ts';
import { postedNotifications, postedTypes } from './post.ts';
import { wapiProtocol } from './protocol.ts';
import { wapiJobs } from './requests.ts';

function missing(setting: string): BridgeError {
  return new BridgeError('CONFIG_INVALID', `wapi lacks ${setting}`);
}

function arrivalOf({ delivery, api, poll = usualPolling, post, mailbox, trust }: WapiConfig): Arrival {
  switch (delivery) {
    case 'poll': {
      if (api === undefined) throw missing('api');
      const { schedule, commands, responses } = poll;
      const protocol = wapiProtocol({ account: api, commands, responses });
      return { kind: 'poll', endpoint: toEndpoint(api), schedule, protocol };
    }
    case 'post': {
      if (post === undefined) throw missing('post');
      // WAPI takes no other status for success.
      const settings = { ...post, answer: { ...post.answer, status: 200 } };
      return toWebhookArrival(settings, { mediaTypes: postedTypes, keepHeaders: [], records: postedNotifications });
    }
    case 'mail': {
      if (mailbox === undefined || trust === undefined) throw missing('mailbox and trust');
      return toMailboxArrival(mailbox, trust, { records: mailedNotifications });
    }
  }
}

function jobsOf({ api, requests, poll = usualPolling }: WapiConfig): Jobs | undefined {
  if (requests === undefined) return undefined;
  if (api === undefined) throw missing('api');
  const { next, ack } = poll.commands;
  return wapiJobs({ account: api, endpoint: toEndpoint(api), polling: [next, ack], ...requests });
}

function feedsOf(config: WapiConfig): readonly FeedDefinition[] {
  const jobs = jobsOf(config);
  const name = 'notifications';
  const events = {
    source: wapiSource(config.account),
    ids: 'event',
    normalise: wapiNormalise(config),
    steps: [],
  } as const;
  const notifications = { ...events, name, arrival: arrivalOf(config), ...(jobs && { jobs }) };
  if (config.requests?.publishAnswer !== true) return [notifications];
  return [
    notifications,
    {
      ...events,
      normalise: wapiNormalise(config, 'response'),
      name: 'answers',
      arrival: { kind: 'answers', of: name },
    },
  ];
}

export const wapi: AnyConnector = defineConnector({
  name: 'wapi',
  summary: 'WEDOS WAPI notifications: polled one by one, posted or mailed, with the same events from each',
  config: configSchema,
  feeds: feedsOf,
});
