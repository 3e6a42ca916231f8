import { z } from 'zod';
import type { Auth, Endpoint } from '../core/http.ts';
import { httpUrl, oauth2Settings } from './oauth2-settings.ts';
import { byteSize, duration, secret, text } from './scalars.ts';
import { tlsSettings } from './tls-settings.ts';

/** Paths are put behind it, and it is shown in logs. */
const baseUrl = httpUrl.refine((value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url === undefined || `${url.username}${url.password}${url.search}${url.hash}` === '';
}, 'expected a URL without user, query and fragment; credentials belong under auth');

/** What may be put into an HTTP header: a line break would end it, and the rest become another one. */
const headerValue = secret().refine(
  (value) => !/[^\t\x20-\x7e\x80-\xff]/.test(value.reveal()),
  'expected a header value: one line, no control characters',
);

const auth = z
  .strictObject({
    bearer: headerValue.optional().describe('A token that is sent as it is.'),
    basic: z
      .strictObject({
        username: text().refine((value) => !value.includes(':'), 'expected a user name without a colon'),
        password: secret(),
      })
      .optional()
      .describe('User and password.'),
    oauth2: oauth2Settings.optional().describe('OAuth 2 client credentials.'),
  })
  .refine(
    (value) => Object.values(value).filter((entry) => entry !== undefined).length === 1,
    'expected exactly one of bearer, basic and oauth2',
  );

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected an HTTP header name such as x-tenant-id');

/** A timer cannot wait for longer. */
const longest = { max: '24d' } as const;

/** The settings of every connector that sends requests: spread them into its strict object. */
export const endpointSettings = {
  baseUrl: baseUrl.describe('Where the upstream’s API begins.'),
  auth: auth.optional().describe('How the bridge proves who it is: bearer, basic or oauth2.'),
  headers: z.record(headerName, headerValue).default({}).describe('Sent with every request.'),
  tls: tlsSettings.default({}).describe('PEM texts for TLS.'),
  timeouts: z
    .strictObject({
      connect: duration(longest).prefault('5s').describe('Longest wait for a connection.'),
      headers: duration(longest).prefault('30s').describe('Longest wait for the headers of an answer.'),
      body: duration(longest).prefault('60s').describe('Longest wait for the body of an answer.'),
    })
    .prefault({})
    .describe('How long to wait for the upstream.'),
  maxResponse: byteSize().prefault('64MiB').describe('Largest answer that is read.'),
};

type EndpointSettings = z.output<z.ZodObject<typeof endpointSettings>>;

function toAuth(settings: EndpointSettings['auth']): Auth {
  if (settings?.bearer) return { kind: 'bearer', token: settings.bearer };
  if (settings?.basic) return { kind: 'basic', ...settings.basic };
  if (settings?.oauth2) return { kind: 'oauth2', ...settings.oauth2 };
  return { kind: 'none' };
}

export function toEndpoint(settings: EndpointSettings): Endpoint {
  const headers = Object.fromEntries(
    Object.entries(settings.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    baseUrl: settings.baseUrl,
    auth: toAuth(settings.auth),
    headers,
    tls: settings.tls,
    timeouts: settings.timeouts,
    maxResponseBytes: settings.maxResponse,
  };
}
