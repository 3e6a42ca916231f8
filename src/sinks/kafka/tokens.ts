import { BridgeError } from '../../core/errors.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import type { TokenSource } from '../../core/token-source.ts';
import { untilAborted, withDeadline } from '../deadline.ts';
import type { KafkaBroker } from './config.ts';
import { createMskTokens } from './msk-tokens.ts';

/** What a client library asks for a token each time it logs in, and again before the broker ends the session. */
export interface Tokens {
  /** Rejects with TOKEN_UNAVAILABLE, in time for the library's own time-out for connecting. */
  get(): Promise<string>;
  /** The broker has refused the present token: the next one is a new one. */
  drop(): void;
}

const unused = new AbortController().signal;

/** Logging in is part of connecting, which is given up after half of the confirm's time, or 5 s. */
function limitOf({ confirmTimeout }: KafkaBroker): number {
  return 0.8 * Math.min(5_000, confirmTimeout / 2);
}

function sourceOf({ sasl, tls }: KafkaBroker, { openTokens }: SinkContext): TokenSource | undefined {
  switch (sasl?.mechanism) {
    case 'oauthbearer': {
      if (!openTokens) throw new BridgeError('INTERNAL', 'nothing here can fetch access tokens');
      const ca = typeof tls === 'object' ? tls.ca : undefined;
      return openTokens({ ...sasl.oauth2, ca });
    }
    case 'aws-msk-iam':
      return createMskTokens(sasl);
    default:
      return undefined;
  }
}

/** Undefined for a broker that wants no tokens. */
export function openBrokerTokens(broker: KafkaBroker, context: SinkContext): Tokens | undefined {
  const source = sourceOf(broker, context);
  if (!source) return undefined;
  const limitMs = limitOf(broker);
  const late = () =>
    new BridgeError('TOKEN_UNAVAILABLE', `no access token within ${limitMs} ms`, {
      hint: 'Check whether the token endpoint answers, and how fast.',
    });
  return {
    get: () => withDeadline(unused, limitMs, late, (signal) => untilAborted(source.get(signal), signal)),
    drop: () => source.drop(),
  };
}
