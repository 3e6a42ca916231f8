import type { Endpoint } from '../../core/http.ts';
import { openChannel } from '../channel.ts';
import type { HttpClientContext } from '../client-context.ts';
import { exchange } from '../exchange.ts';
import { fetchToken, type OAuth2 } from './client-credentials.ts';
import { createTokenCache, type TokenCache } from './token-cache.ts';

/** Tokens are small; a token endpoint that says more is none. */
const maxTokenBytes = 1024 * 1024;

/** Tokens of an endpoint with `oauth2`, over sockets of their own with the endpoint's time-outs, TLS and proxy. */
export function createTokenSource(
  endpoint: Pick<Endpoint, 'tls' | 'timeouts'>,
  settings: OAuth2,
  { proxy, subject, report }: HttpClientContext,
): TokenCache & AsyncDisposable {
  // A private authority for the API says nothing about the identity provider, which is often a public one.
  const channel = openChannel(new URL(settings.tokenUrl).origin, {
    endpoint,
    proxy,
    maxBytes: maxTokenBytes,
    trust: 'given-and-platform',
  });
  const closing = new AbortController();

  async function fetch() {
    const token = await fetchToken(settings, (post) => exchange(channel, post, closing.signal));
    report({ event: 'token.refreshed', subject, expiresInMs: token.lifetimeMs });
    return token;
  }

  return {
    ...createTokenCache(fetch, () => performance.now()),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await channel.dispatcher.destroy();
    },
  };
}
