import { z } from 'zod';
import type { StreamArrival } from '../core/stream.ts';
import { endpointSettings, toEndpoint } from './endpoint-settings.ts';
import { byteSize, duration } from './scalars.ts';

const { baseUrl, auth, headers, tls } = endpointSettings;

/** No answer but the beginning of one that is no stream is ever gathered. */
const maxResponse = 64 * 1024;

/** A timer cannot wait for longer. */
const longest = { max: '24d' } as const;

/** The settings of everything that is read as a stream: spread them into its strict object. */
export const streamSettings = {
  baseUrl,
  auth,
  headers,
  tls,
  timeouts: z
    .strictObject({
      connect: duration(longest).prefault('5s').describe('Longest wait for a connection.'),
      headers: duration(longest).prefault('30s').describe('Longest wait for the beginning of the stream.'),
    })
    .prefault({})
    .describe('How long to wait for the upstream.'),
  tokenIn: z.enum(['header', 'query']).default('header').describe('Where the token is shown.'),
  tokenParameter: z
    .string()
    .regex(/^[A-Za-z0-9._~-]+$/, 'expected the name of a query parameter such as access_token')
    .default('access_token')
    .describe('Parameter of the query that has the token, with tokenIn: query.'),
  idleTimeout: duration(longest)
    .prefault('90s')
    .describe('After so long without any byte, comments and empty lines included, the bridge connects again.'),
  maxEvent: byteSize()
    .prefault('1MiB')
    .describe('Largest event; a larger one is a dead letter, and the connection dropped.'),
  retry: z
    .strictObject({
      min: duration(longest).prefault('1s').describe('Shortest wait before the next connection.'),
      max: duration(longest).prefault('60s').describe('Longest wait that the upstream can ask for (`retry:`).'),
    })
    .prefault({})
    .describe('Bounds for the wait between two connections.'),
};

type StreamSettings = z.output<z.ZodObject<typeof streamSettings>>;

/** Says what does not fit together. */
export function refuseStream(settings: StreamSettings, context: z.core.$RefinementCtx): void {
  const { tokenIn, auth: given, retry } = settings;
  if (tokenIn === 'query' && given?.bearer === undefined && given?.oauth2 === undefined) {
    const message = 'tokenIn: query needs a token: auth.bearer or auth.oauth2';
    context.addIssue({ code: 'custom', path: ['tokenIn'], message });
  }
  if (retry.min > retry.max) {
    context.addIssue({ code: 'custom', path: ['retry', 'min'], message: 'retry.min is longer than retry.max' });
  }
}

/** What the settings mean, with what only the connector knows. `scheme`: the word before the token in its header. */
export function toStreamArrival(
  settings: StreamSettings,
  own: Pick<StreamArrival, 'path' | 'mediaType' | 'refusal' | 'reconcile'> & { readonly scheme: string },
): StreamArrival {
  const { timeouts, tokenIn, tokenParameter, idleTimeout, maxEvent, retry, ...endpoint } = settings;
  const { scheme, ...rest } = own;
  return {
    kind: 'sse',
    endpoint: toEndpoint({ ...endpoint, timeouts: { ...timeouts, body: timeouts.headers }, maxResponse }),
    tokenPlace: tokenIn === 'header' ? { kind: 'header', scheme } : { kind: 'query', parameter: tokenParameter },
    idleMs: idleTimeout,
    maxEventBytes: maxEvent,
    retryMs: retry,
    ...rest,
  };
}
