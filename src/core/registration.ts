import type { FeedName } from './batch.ts';
import type { Endpoint, HttpRequest } from './http.ts';
import type { Headers } from './record.ts';
import type { Secret } from './secret.ts';

/**
 * A request of which `{callback}`, `{secret}` and `{id}` stand for the URL that is to be called, the secret that signs,
 * and what the upstream has named the registration: in the path percent-encoded, in texts of the body as they are.
 */
export interface RegistrationRequest {
  readonly method: HttpRequest['method'];
  /** Below the base URL, without a leading slash. */
  readonly path: string;
  readonly headers?: Headers;
  /** A JSON value. Absent: none is sent. */
  readonly body?: unknown;
}

/** How an upstream is told where to send webhooks, as data. Times in milliseconds. */
export interface Registration {
  readonly endpoint: Endpoint;
  readonly create: RegistrationRequest;
  /** JSON Pointer to the id in the answer to `create`. Absent: there is none, and no request has `{id}`. */
  readonly id?: string;
  /** Answered 2xx: it is there; 404 or 410: it is gone. Absent: it is believed to last. */
  readonly check?: RegistrationRequest;
  /** Changes URL and secret of one that is there, and renews it. Absent: a new one is made, then the old one removed. */
  readonly update?: RegistrationRequest;
  readonly remove?: RegistrationRequest;
  /** Lists what is registered, so that none is made twice: JSON Pointers to the list, and in its items. */
  readonly find?: RegistrationRequest & { readonly items: string; readonly callback: string; readonly id: string };
  readonly secret?: Secret;
  /** Between two checks. */
  readonly everyMs: number;
  /** It runs out at the upstream: after so long it is renewed. Absent: it lasts. */
  readonly renewMs?: number;
}

/** What is known of a feed's registration. */
export interface RegistrationRecord {
  readonly feed: FeedName;
  /** `withdrawn`: an operator has ended it, and it is not made again until one asks. With an id, it has to be removed yet. */
  readonly status: 'registered' | 'withdrawn';
  /** As upstream names it; "" where it has no name. */
  readonly id: string;
  /** One that it replaces, and that has to be removed yet. */
  readonly formerId?: string;
  /** Of all that it was made of. Tells nothing of the secret. */
  readonly fingerprint: string;
  readonly changedAt: Date;
}

/** Registrations that upstreams hold. Durable when `set` resolves. */
export interface Registrations {
  get(feed: FeedName): Promise<RegistrationRecord | undefined>;
  set(record: RegistrationRecord): Promise<void>;
  list(): Promise<readonly RegistrationRecord[]>;
}
