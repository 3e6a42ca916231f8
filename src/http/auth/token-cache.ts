import { abortable } from '../abortable.ts';

/** An access token. `lifetimeMs` is undefined when the endpoint did not say: it is used until it is refused. */
export interface Token {
  readonly value: string;
  readonly lifetimeMs: number | undefined;
}

/** Gives tokens to many callers, and fetches each of them once. */
export interface TokenCache {
  /** The present token, or a new one when it ends within a minute. Rejects as `fetch` does, or with STOPPING. */
  get(signal: AbortSignal): Promise<Token>;
  /** After `refused` got a 401: the token that has replaced it meanwhile, or a new one. */
  renew(refused: Token, signal: AbortSignal): Promise<Token>;
  /** Forgets it, unless it has been replaced: the next `get` fetches a new one. */
  drop(refused: Token): void;
}

const marginMs = 60_000;

/** `fetch` must be bounded in time. `now`: a monotonic clock in milliseconds. */
export function createTokenCache(fetch: () => Promise<Token>, now: () => number): TokenCache {
  let present: { readonly token: Token; readonly staleAt: number } | undefined;
  let flight: Promise<Token> | undefined;

  async function refresh(): Promise<Token> {
    // The lifetime counts from before the request: the endpoint's clock started somewhere after it.
    const from = now();
    const token = await fetch();
    present = { token, staleAt: from + usableMs(token.lifetimeMs) };
    return token;
  }

  function join(signal: AbortSignal): Promise<Token> {
    flight ??= refresh().finally(() => {
      flight = undefined;
    });
    return abortable(flight, signal, 'access token');
  }

  async function get(signal: AbortSignal): Promise<Token> {
    return present !== undefined && now() < present.staleAt ? present.token : join(signal);
  }

  function drop(refused: Token): void {
    if (present?.token === refused) present = undefined;
  }

  async function renew(refused: Token, signal: AbortSignal): Promise<Token> {
    drop(refused);
    return get(signal);
  }

  return { get, renew, drop };
}

/** A token that lives for less than two minutes is used for half of its life. */
function usableMs(lifetimeMs: number | undefined): number {
  if (lifetimeMs === undefined) return Number.POSITIVE_INFINITY;
  return lifetimeMs - Math.min(marginMs, lifetimeMs / 2);
}
