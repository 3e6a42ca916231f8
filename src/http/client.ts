import type { Endpoint, HttpClient, HttpRequest } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import { createTokenSource } from './auth/token-source.ts';
import { parseBase, targetBelow } from './base-path.ts';
import { openChannel } from './channel.ts';
import type { HttpClientContext } from './client-context.ts';
import { exchange, type Outgoing } from './exchange.ts';
import { fixedHeaders } from './fixed-headers.ts';

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
    const { method, headers, body, timeoutMs } = request;
    const complete =
      headers === undefined && authorization === undefined
        ? bare
        : { ...defaults, ...headers, ...settings, ...authorization };
    return { method, target, headers: complete, body, timeoutMs };
  }

  return {
    async send(request, signal) {
      const target = targetBelow(base, request.path);
      if (tokens === undefined) return exchange(channel, outgoing(request, target, undefined), signal);
      const token = await tokens.get(signal);
      const response = await exchange(channel, outgoing(request, target, bearer(token.value)), signal);
      if (response.status !== 401) return response;
      const fresh = await tokens.renew(token, signal);
      return exchange(channel, outgoing(request, target, bearer(fresh.value)), signal);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tokens?.[Symbol.asyncDispose](), channel.dispatcher.destroy()]);
    },
  };
}

function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}
