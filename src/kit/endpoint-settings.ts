import { z } from 'zod';
import type { Auth, Endpoint } from '../core/http.ts';
import { byteSize, duration, secret, text } from './scalars.ts';

const httpUrl = text().refine(
  (value) => /^https?:\/\/[^/]/.test(value) && URL.canParse(value),
  'expected an http(s) URL such as https://api.example.com',
);

const auth = z
  .strictObject({
    bearer: secret().optional(),
    basic: z.strictObject({ username: text(), password: secret() }).optional(),
    oauth2: z
      .strictObject({
        tokenUrl: httpUrl,
        clientId: text(),
        clientSecret: secret(),
        scope: text().optional(),
        audience: text().optional(),
      })
      .optional(),
  })
  .refine(
    (value) => Object.values(value).filter((entry) => entry !== undefined).length === 1,
    'expected exactly one of bearer, basic and oauth2',
  );

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'expected an HTTP header name such as x-tenant-id');

/** The settings of every connector that sends requests: spread them into its strict object. */
export const endpointSettings = {
  baseUrl: httpUrl,
  auth: auth.optional(),
  headers: z.record(headerName, secret()).default({}),
  tls: z.strictObject({ ca: secret().optional(), cert: secret().optional(), key: secret().optional() }).default({}),
  timeouts: z
    .strictObject({
      connect: duration().default(5_000),
      headers: duration().default(30_000),
      body: duration().default(60_000),
    })
    .prefault({}),
  maxResponse: byteSize().default(64 * 1024 ** 2),
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
