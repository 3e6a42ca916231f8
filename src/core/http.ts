import type { Headers } from './record.ts';
import type { Secret } from './secret.ts';

/** A request below an endpoint's base URL. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Relative to the base URL, without a leading slash; may carry a query. */
  readonly path: string;
  readonly headers?: Headers;
  readonly body?: Uint8Array;
  /** Milliseconds for headers and body each, instead of the endpoint's. */
  readonly timeoutMs?: number;
  /** Called when it begins to go out, and perhaps again with a fresh token. Not called: nothing was sent. */
  readonly onSent?: () => void;
}

/** An answer, whatever its status: judging it is the protocol's work. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  /**
   * Of a success the bytes as they came. Of any other answer, and of a web page (`text/html`), without the endpoint's
   * secrets, should they be echoed: these two may be quoted in messages.
   */
  readonly body: Uint8Array;
  /** When the last byte had arrived. */
  readonly receivedAt: Date;
}

export type Auth =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: Secret }
  | { readonly kind: 'basic'; readonly username: string; readonly password: Secret }
  | {
      readonly kind: 'oauth2';
      readonly tokenUrl: string;
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope?: string | undefined;
      readonly audience?: string | undefined;
    };

/** PEM texts; absent means the platform's own trust store, and no client certificate. */
export interface TlsOptions {
  readonly ca?: Secret | undefined;
  readonly cert?: Secret | undefined;
  readonly key?: Secret | undefined;
}

/** How to reach one upstream. Times in milliseconds. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly auth: Auth;
  readonly headers: Readonly<Record<string, Secret>>;
  readonly tls: TlsOptions;
  readonly timeouts: { readonly connect: number; readonly headers: number; readonly body: number };
  /** Largest answer in bytes; a larger one is an error. */
  readonly maxResponseBytes: number;
}

/** Sends requests to one endpoint, with its auth, headers, TLS and time-outs. */
export interface HttpClient extends AsyncDisposable {
  /**
   * Gives the answer whatever its status; a 401 has already been tried again once with a fresh token where the auth
   * has one, unless a fresh one was refused for the same path last time too. Rejects with UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, RESPONSE_TOO_LARGE, TOKEN_UNAVAILABLE, or STOPPING
   * when `signal` aborts; with UPSTREAM_REFUSED, unsent, for a path that would leave `baseUrl` or a header that HTTP
   * does not allow. Never retries otherwise, never follows redirects.
   */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
}

/** A content as it comes: it has to be read while it is taken. */
export interface Content {
  readonly headers: Headers;
  /** Rejects as `HttpClient.send` does when it breaks off. What is not read of it ends its connection. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** `answered`: with anything but 200, and at most the first 64 KiB of its body. */
export type Received<Taken> =
  | { readonly kind: 'taken'; readonly taken: Taken }
  | { readonly kind: 'answered'; readonly response: HttpResponse };

/** Sends requests whose answers may be larger than memory. */
export interface ContentClient {
  /**
   * Hands the content of a 200 to `take` as it comes, and gives what that makes of it. `timeoutMs` of the request is for
   * the whole of it; the endpoint's are for the headers, and for each pause in the body. Rejects as `HttpClient.send`
   * does, or with what `take` rejects with.
   */
  receive<Taken>(
    request: HttpRequest,
    take: (content: Content) => Promise<Taken>,
    signal: AbortSignal,
  ): Promise<Received<Taken>>;
}
