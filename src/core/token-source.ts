import type { Auth } from './http.ts';
import type { Secret } from './secret.ts';

/** OAuth 2 client credentials. `ca`: an authority to trust at the token endpoint besides the platform's own, as PEM. */
export interface TokenSettings extends Omit<Extract<Auth, { kind: 'oauth2' }>, 'kind'> {
  readonly ca?: Secret | undefined;
}

/** Access tokens, fetched when first asked for, and shared until shortly before they end. */
export interface TokenSource {
  /** Rejects with TOKEN_UNAVAILABLE, or with STOPPING when `signal` aborts. */
  get(signal: AbortSignal): Promise<string>;
  /** Whoever wanted the present token has refused it: the next one is fetched anew. */
  drop(): void;
}
