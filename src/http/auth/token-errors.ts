import { BridgeError } from '../../core/errors.ts';
import type { HttpResponse } from '../../core/http.ts';
import { classifyStatus } from '../../kit/classify-status.ts';
import { createMask, withoutScheme } from '../mask-secrets.ts';
import type { OAuth2 } from './client-credentials.ts';

/** The request for a token failed on its way. `cause` keeps what the exchange made of it; STOPPING stays STOPPING. */
export function tokenUnreachable(error: unknown): unknown {
  if (!(error instanceof BridgeError) || error.code === 'STOPPING') return error;
  return new BridgeError('TOKEN_UNAVAILABLE', `no access token: ${error.message}`, { cause: error });
}

/**
 * The token endpoint said no. Its words are kept, without the credentials in case it echoed them. `authorization`: the
 * header as it was sent.
 */
export function tokenRefused(answer: HttpResponse, settings: OAuth2, authorization: string): BridgeError {
  const pair = withoutScheme(authorization);
  const sent = Buffer.from(pair, 'base64').toString().split(':')[1] ?? '';
  const mask = createMask([settings.clientSecret.reveal(), pair, sent]);
  const cause = classifyStatus(mask(answer), `POST ${placeOf(settings)}`);
  return new BridgeError('TOKEN_UNAVAILABLE', `no access token: ${cause.message}`, {
    cause,
    ...(cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }),
  });
}

/** The token endpoint said yes, but not in the form of a bearer token. The answer is not shown: it may hold one. */
export function tokenUnusable(error: unknown, settings: OAuth2): BridgeError {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const place = placeOf(settings);
  return new BridgeError('TOKEN_UNAVAILABLE', `no access token: POST ${place}: the answer holds none${code}`, {
    hint: 'Look whether tokenUrl is the token endpoint itself. Expected is JSON with access_token and token_type Bearer.',
  });
}

/** Without query and user info. */
function placeOf(settings: OAuth2): string {
  const { origin, pathname } = new URL(settings.tokenUrl);
  return origin + pathname;
}
