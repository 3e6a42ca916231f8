import type { Headers } from './record.ts';
import type { Secret } from './secret.ts';

/** A request as it came, read whole. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Names in lower case; what was sent more than once is joined with ", ". */
  readonly headers: Headers;
  /** As sent, but for its content coding, which is undone. */
  readonly body: Uint8Array;
  /** Of the sender; where a trusted proxy is between, as that one says. */
  readonly remoteAddress: string;
  /** SHA-256 of the certificate that the sender has proved to own, in lower-case hex, and its subject's common name. */
  readonly clientCertificate?: { readonly sha256: string; readonly commonName: string };
  readonly receivedAt: Date;
}

declare const verified: unique symbol;

/** A request whose sender is who it should be. Only `verify` makes one. */
export type VerifiedRequest = ReceivedRequest & { readonly [verified]: true };

/**
 * How a sender asks whether an address is really one for webhooks. `cloudevents`: OPTIONS with WebHook-Request-Origin, a
 * pattern of which has to fit; `ratePerMinute` is the most that is granted, without it there is no limit. `slack`: a
 * verified body of the type url_verification. `echo`: GET with this parameter, whose value is the answer; with `token`,
 * only if that other parameter is one of the secrets.
 */
export type Challenge =
  | { readonly kind: 'cloudevents'; readonly origins: readonly string[]; readonly ratePerMinute?: number }
  | { readonly kind: 'slack' }
  | {
      readonly kind: 'echo';
      readonly parameter: string;
      readonly token?: { readonly parameter: string; readonly secrets: readonly Secret[] };
    };

/** How many requests may come to a path: evenly so many in a second, and so many at once. */
export interface WebhookRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** What a sender gets. */
export interface WebhookAnswer {
  /** Of success: when everything is safe. */
  readonly status: number;
  /** Milliseconds after which it is 503 instead. */
  readonly withinMs: number;
}
