import type { TokenSettings, TokenSource } from './core/token-source.ts';
import type { Token } from './http/auth/token-cache.ts';
import { createTokenSource } from './http/auth/token-source.ts';
import type { HttpClientContext } from './http/client-context.ts';

/** Each in milliseconds: a token is a small answer, and a broker waits for it. */
const timeouts = { connect: 5_000, headers: 10_000, body: 10_000 };

/** For sinks, whose brokers want access tokens. `resources` takes what has to be closed. */
export function tokenOpener(context: HttpClientContext, resources: AsyncDisposableStack) {
  return ({ ca, ...settings }: TokenSettings): TokenSource => {
    const source = resources.use(
      createTokenSource({ tls: ca ? { ca } : {}, timeouts }, { kind: 'oauth2', ...settings }, context),
    );
    let present: Token | undefined;
    return {
      async get(signal) {
        present = await source.get(signal);
        return present.value;
      },
      drop() {
        if (present) source.drop(present);
      },
    };
  };
}
