import type { SimulatorAuth } from './options.ts';

/** The token endpoint's answer. */
export interface TokenAnswer {
  readonly status: 200 | 400 | 401;
  readonly body: Readonly<Record<string, string | number>>;
}

/** Who may come in. */
export interface Gate {
  /** `authorization` as it came. */
  admits(authorization: string | undefined): boolean;
  /** Answers a client-credentials request: `body` is its form, the client in it or in `authorization` (basic). */
  token(authorization: string | undefined, body: string): TokenAnswer;
  revokeAll(): void;
  issued(): number;
}

function clientOf(authorization: string | undefined, form: URLSearchParams): readonly [string | null, string | null] {
  if (!authorization?.startsWith('Basic ')) return [form.get('client_id'), form.get('client_secret')];
  const [id = '', secret = ''] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
  const decode = (text: string): string => new URLSearchParams(`x=${text}`).get('x') ?? '';
  return [decode(id), decode(secret)];
}

export function createGate(auth: SimulatorAuth): Gate {
  const validUntil = new Map<string, number>();
  let issued = 0;
  return {
    admits(authorization) {
      if (auth.kind === 'none') return true;
      if (auth.kind === 'bearer') return authorization === `Bearer ${auth.token}`;
      return (validUntil.get(authorization?.replace('Bearer ', '') ?? '') ?? 0) > Date.now();
    },
    token(authorization, body) {
      if (auth.kind !== 'oauth2') return { status: 400, body: { error: 'invalid_request' } };
      const form = new URLSearchParams(body);
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, body: { error: 'unsupported_grant_type' } };
      const [id, secret] = clientOf(authorization, form);
      if (id !== auth.clientId || secret !== auth.clientSecret)
        return { status: 401, body: { error: 'invalid_client' } };
      issued += 1;
      const lifetimeS = auth.lifetimeS ?? 3_600;
      const token = `simulated-token-${issued}`;
      validUntil.set(token, Date.now() + lifetimeS * 1_000);
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: lifetimeS } };
    },
    revokeAll: () => validUntil.clear(),
    issued: () => issued,
  };
}
