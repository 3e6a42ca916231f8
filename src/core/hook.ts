import type { FeedName } from './batch.ts';
import type { WebhookArrival } from './connector.ts';
import type { BridgeError } from './errors.ts';
import type { RawRecord } from './record.ts';

/** What became of the records of one request. `unsafe`: the sender has to send them again. */
export type Accepted = { readonly status: 'safe' } | { readonly status: 'unsafe'; readonly error: BridgeError };

/** Where requests become batches. */
export interface Intake {
  /**
   * Resolves when every record is safe, or cannot be made so by `deadline` (milliseconds since the epoch). Equal records
   * that come while they are in hand share their fate. Never rejects.
   */
  accept(records: readonly RawRecord[], deadline: number): Promise<Accepted>;
}

/** One path of the listener for webhooks, and who takes what arrives there. */
export interface Hook {
  readonly feed: FeedName;
  readonly arrival: WebhookArrival;
  readonly intake: Intake;
}

/** The listener for webhooks, as pipelines see it. */
export interface Hooks {
  /** Most requests, and bytes of their bodies, that it has in flight at once. */
  readonly bound: { readonly batches: number; readonly bytes: number };
  /** Takes requests for the hook's path until it is disposed of. Rejects with LISTEN_FAILED, or where the path is taken. */
  register(hook: Hook): Promise<AsyncDisposable>;
}
