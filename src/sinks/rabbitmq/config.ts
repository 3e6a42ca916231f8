import { z } from 'zod';
import type { SettingRefusal } from '../../core/sink-type.ts';
import { duration, secret, text } from '../../kit/scalars.ts';
import { tlsSettings } from '../../kit/tls-settings.ts';
import { template } from '../template.ts';
import { type ManagementSettings, managementSettings } from './management-settings.ts';
import { topologySettings } from './topology-settings.ts';
import { problemOfUrl } from './url.ts';

const url = text().check((context) => {
  const message = problemOfUrl(context.value);
  // The value may hold a password: it is not given back.
  if (message !== undefined) context.issues.push({ code: 'custom', message, input: undefined });
});

interface Access {
  readonly url: string | readonly string[];
  readonly username?: string | undefined;
  readonly password?: unknown;
  readonly tls?: z.output<typeof tlsSettings> | undefined;
  readonly management?: ManagementSettings | undefined;
}

/** Whoever logs in says who he is: by name and password, or by a certificate (the mechanism EXTERNAL). */
function refuseHalfLogin(context: z.core.ParsePayload<Access>): void {
  const { username, password, tls, management, url: urls } = context.value;
  const refuse = (key: string, message: string) =>
    context.issues.push({ code: 'custom', path: [key], message, input: undefined });
  if ((username === undefined) !== (password === undefined)) {
    refuse('username', 'expected username and password together');
  } else if (username === undefined && tls?.cert === undefined) {
    refuse('username', 'expected username and password; or tls with cert and key, where the broker knows us by these');
  }
  const shown = typeof management === 'string' ? undefined : management?.username;
  if (management !== undefined && username === undefined && shown === undefined) {
    refuse('management', 'expected url, username and password in it, as the broker has none to take over');
  }
  if (tls && [urls].flat().some((one) => one.startsWith('amqp:'))) {
    refuse('tls', 'expected amqps:// in every url, as amqp:// is not encrypted');
  }
}

/** What stands under `brokers`. Times in milliseconds once parsed. */
export const rabbitmqBroker = z
  .strictObject({
    type: z.literal('rabbitmq'),
    url: z
      .union([url, z.array(url).min(1)])
      .describe('amqps://host:5671/vhost, or a list of these: nodes of one cluster, tried in turn.'),
    username: text().optional(),
    password: secret().optional(),
    tls: tlsSettings
      .optional()
      .describe('PEM texts for amqps: ca, and cert with key for mutual TLS. Default: trust what the system trusts.'),
    management: managementSettings
      .optional()
      .describe(
        'The management API, only for `feedferry check`: https://rabbit:15671, or url with username and password where these differ. Trust is that of tls.',
      ),
    heartbeat: duration({ max: '10m' })
      .refine((ms) => ms % 1_000 === 0, 'expected whole seconds')
      .default(10_000)
      .describe('How often each side of a quiet connection says that it is there.'),
    connectTimeout: duration({ max: '10m' }).default(5_000).describe('How long one host may take to let us in.'),
    confirmTimeout: duration({ max: '10m' })
      .refine((ms) => ms >= 100, 'expected at least 100ms')
      .default(10_000)
      .describe('How long an event may wait for its confirm. After that it is sent again over a new connection.'),
  })
  .check(refuseHalfLogin);

/** What stands under `to`. */
export const rabbitmqDestination = z.strictObject({
  broker: text(),
  exchange: template().describe('Exchange, with placeholders: {pipeline}, {feed} or an attribute of the event.'),
  routingKey: template()
    .optional()
    .describe('Routing key, with the same placeholders, such as {type}. Default: none, as for a fanout exchange.'),
  topology: topologySettings
    .optional()
    .describe('What has to be there besides, and who creates it. Default: the exchange has to be there.'),
  mode: z
    .enum(['structured', 'binary'])
    .default('structured')
    .describe('structured: the whole event is the JSON body. binary: the body is the data, the rest are headers.'),
  headerPrefix: text()
    .refine((value) => /^[\w.:-]{1,100}$/.test(value), 'expected letters, digits, "_", ".", ":" and "-" only')
    .default('cloudEvents_')
    .describe('What the names of the headers begin with, in binary mode.'),
  order: z
    .enum(['strict', 'relaxed'])
    .default('strict')
    .describe(
      'strict: an event waits for the confirm of the one before it with its partition key. relaxed: it does not, and a retry may overtake.',
    ),
});

/** What does not go together, though each is good by itself. */
export function refuseRabbitmqSettings(
  _broker: RabbitmqBroker,
  { mode, headerPrefix }: RabbitmqDestination,
): readonly SettingRefusal[] {
  if (mode === 'binary' || headerPrefix === 'cloudEvents_') return [];
  const message = 'headerPrefix is for binary mode only.';
  return [{ key: 'headerPrefix', message, hint: 'Set mode: binary, or remove it.' }];
}

export type RabbitmqBroker = z.output<typeof rabbitmqBroker>;
export type RabbitmqDestination = z.output<typeof rabbitmqDestination>;
