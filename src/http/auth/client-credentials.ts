import * as oauth from 'oauth4webapi';
import { BridgeError } from '../../core/errors.ts';
import type { Auth, HttpResponse } from '../../core/http.ts';
import type { Outgoing } from '../exchange.ts';
import type { Token } from './token-cache.ts';
import { tokenRefused, tokenUnreachable, tokenUnusable } from './token-errors.ts';

export type OAuth2 = Extract<Auth, { kind: 'oauth2' }>;

/**
 * Fetches a token by the OAuth 2 client credentials grant, with the secret in a Basic header. Plain http is allowed:
 * the token URL is the user's own setting. Rejects with TOKEN_UNAVAILABLE, whose cause says why, or with STOPPING.
 */
export async function fetchToken(settings: OAuth2, send: (post: Outgoing) => Promise<HttpResponse>): Promise<Token> {
  const { tokenUrl, clientId, clientSecret, scope, audience } = settings;
  const server = { issuer: tokenUrl, token_endpoint: tokenUrl };
  const client = { client_id: clientId };
  const parameters = new URLSearchParams();
  if (scope !== undefined) parameters.set('scope', scope);
  if (audience !== undefined) parameters.set('audience', audience);

  async function post(_url: string, { body, headers }: oauth.CustomFetchOptions<'POST', URLSearchParams>) {
    const { pathname, search } = new URL(tokenUrl);
    const outgoing: Outgoing = {
      method: 'POST',
      target: pathname + search,
      headers,
      body: Buffer.from(body.toString()),
    };
    const answer = await send(outgoing).catch((error: unknown) => {
      throw tokenUnreachable(error);
    });
    if (answer.status >= 300) throw tokenRefused(answer, settings, headers['authorization'] ?? '');
    return new Response(answer.body.length === 0 ? null : Buffer.from(answer.body), {
      status: answer.status,
      headers: answer.headers,
    });
  }

  try {
    const secret = oauth.ClientSecretBasic(clientSecret.reveal());
    const response = await oauth.clientCredentialsGrantRequest(server, client, secret, parameters, {
      [oauth.customFetch]: post,
      [oauth.allowInsecureRequests]: true,
    });
    const token = await oauth.processClientCredentialsResponse(server, client, response);
    return {
      value: token.access_token,
      lifetimeMs: token.expires_in === undefined ? undefined : token.expires_in * 1_000,
    };
  } catch (error) {
    throw error instanceof BridgeError ? error : tokenUnusable(error, settings);
  }
}
