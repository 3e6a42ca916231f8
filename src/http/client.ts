import type { Endpoint, HttpClient, HttpRequest, HttpResponse } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import type { TokenCache } from './auth/token-cache.ts';
import { createTokenSource } from './auth/token-source.ts';
import { parseBase, targetBelow } from './base-path.ts';
import { openChannel } from './channel.ts';
import type { HttpClientContext } from './client-context.ts';
import { exchange, type Outgoing } from './exchange.ts';
import { fixedHeaders } from './fixed-headers.ts';
import { createMask, isForPeople, secretsOf } from './mask-secrets.ts';

/** How many requests are remembered as hopeless; then all are forgotten, at the price of one request too many each. */
const mostHopeless = 1_000;

/** Throws CONFIG_INVALID for TLS or proxy settings that cannot be used. Opens its first socket with the first `send`. */
export function createHttpClient(endpoint: Endpoint, context: HttpClientContext): HttpClient {
  const base = parseBase(endpoint.baseUrl);
  const channel = openChannel(base.origin, {
    endpoint,
    proxy: context.proxy,
    maxBytes: endpoint.maxResponseBytes,
    trust: 'given',
  });
  const tokens = endpoint.auth.kind === 'oauth2' ? createTokenSource(endpoint, endpoint.auth, context) : undefined;
  const { defaults, settings } = fixedHeaders(endpoint);
  const bare: Headers = { ...defaults, ...settings };

  function outgoing(request: HttpRequest, target: string, authorization: Headers | undefined): Outgoing {
    const { method, headers, body, timeoutMs, onSent } = request;
    const complete =
      headers === undefined && authorization === undefined
        ? bare
        : { ...defaults, ...headers, ...settings, ...authorization };
    return { method, target, headers: complete, body, timeoutMs, onSent };
  }

  const secrets = secretsOf(endpoint);
  const mask = createMask(secrets);
  /** Paths that a fresh token was refused for: asking again at once would only double the requests. */
  const hopeless = new Set<string>();

  async function exchanged(request: HttpRequest, target: string, token: string | undefined, signal: AbortSignal) {
    const authorization = token === undefined ? undefined : { authorization: `Bearer ${token}` };
    const response = await exchange(channel, outgoing(request, target, authorization), signal);
    if (!isForPeople(response)) return response;
    return token === undefined ? mask(response) : createMask([...secrets, token])(response);
  }

  async function sendWithToken(
    source: TokenCache,
    request: HttpRequest,
    target: string,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const token = await source.get(signal);
    const response = await exchanged(request, target, token.value, signal);
    if (response.status !== 401) {
      hopeless.delete(request.path);
      return response;
    }
    if (hopeless.has(request.path)) {
      source.drop(token);
      return response;
    }
    const fresh = await source.renew(token, signal);
    const again = await exchanged(request, target, fresh.value, signal);
    if (hopeless.size >= mostHopeless) hopeless.clear();
    if (again.status === 401) hopeless.add(request.path);
    return again;
  }

  return {
    async send(request, signal) {
      const target = targetBelow(base, request.path);
      if (tokens === undefined) return exchanged(request, target, undefined, signal);
      return sendWithToken(tokens, request, target, signal);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tokens?.[Symbol.asyncDispose](), channel.dispatcher.destroy()]);
    },
  };
}
