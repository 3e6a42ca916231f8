import type { ContentClient, Endpoint, HttpClient, HttpRequest } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import type { TokenCache } from './auth/token-cache.ts';
import { createTokenSource } from './auth/token-source.ts';
import { parseBase, targetBelow } from './base-path.ts';
import { openChannel } from './channel.ts';
import type { HttpClientContext } from './client-context.ts';
import { exchange, type Outgoing } from './exchange.ts';
import { fixedHeaders } from './fixed-headers.ts';
import { createMask, isForPeople, secretsOf } from './mask-secrets.ts';
import { receive } from './receive.ts';

/** How many requests are remembered as hopeless; then all are forgotten, at the price of one request too many each. */
const mostHopeless = 1_000;

/** Throws CONFIG_INVALID for TLS or proxy settings that cannot be used. Opens its first socket with the first `send`. */
export function createHttpClient(endpoint: Endpoint, context: HttpClientContext): HttpClient & ContentClient {
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

  /** What may be quoted holds no secret, should one be echoed. */
  const masked = (token: string | undefined) => (token === undefined ? mask : createMask([...secrets, token]));
  const bearer = (token: string | undefined) =>
    token === undefined ? undefined : { authorization: `Bearer ${token}` };

  async function exchanged(request: HttpRequest, target: string, token: string | undefined, signal: AbortSignal) {
    const response = await exchange(channel, outgoing(request, target, bearer(token)), signal);
    return isForPeople(response) ? masked(token)(response) : response;
  }

  /** Once more with a fresh token where one is refused. */
  async function withToken<Answer>(
    source: TokenCache,
    path: string,
    attempt: (token: string) => Promise<Answer>,
    statusOf: (answer: Answer) => number,
    signal: AbortSignal,
  ): Promise<Answer> {
    const token = await source.get(signal);
    const answer = await attempt(token.value);
    if (statusOf(answer) !== 401) {
      hopeless.delete(path);
      return answer;
    }
    if (hopeless.has(path)) {
      source.drop(token);
      return answer;
    }
    const fresh = await source.renew(token, signal);
    const again = await attempt(fresh.value);
    if (hopeless.size >= mostHopeless) hopeless.clear();
    if (statusOf(again) === 401) hopeless.add(path);
    return again;
  }

  return {
    async send(request, signal) {
      const target = targetBelow(base, request.path);
      const attempt = (token: string | undefined) => exchanged(request, target, token, signal);
      if (tokens === undefined) return attempt(undefined);
      return withToken(tokens, request.path, attempt, ({ status }) => status, signal);
    },
    async receive(request, take, signal) {
      const target = targetBelow(base, request.path);
      const attempt = async (token: string | undefined) => {
        const received = await receive(channel, outgoing(request, target, bearer(token)), take, signal);
        return received.kind === 'taken' ? received : { ...received, response: masked(token)(received.response) };
      };
      if (tokens === undefined) return attempt(undefined);
      const statusOf = (received: Awaited<ReturnType<typeof attempt>>) =>
        received.kind === 'taken' ? 200 : received.response.status;
      return withToken(tokens, request.path, attempt, statusOf, signal);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tokens?.[Symbol.asyncDispose](), channel.dispatcher.destroy()]);
    },
  };
}
