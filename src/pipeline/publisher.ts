import type { FeedName } from '../core/batch.ts';
import type { Envelope } from '../core/envelope.ts';
import type { BridgeError } from '../core/errors.ts';
import type { Receipt } from '../core/sink.ts';
import type { Guard } from './guard.ts';

/** The last word on an event at its destination. */
export type Settlement =
  | { readonly status: 'confirmed'; readonly destination: string; readonly receipt: Receipt }
  | { readonly status: 'poison'; readonly error: BridgeError; readonly attempts: number }
  /** Not sent: it waits behind another one of its key. */
  | { readonly status: 'parked' };

/** Steps 3 and 4 for one destination: publishes, and repeats what is not confirmed, with order kept in each lane. */
export interface Publisher extends AsyncDisposable {
  /**
   * One settlement for each envelope, at the same index. Order of acceptance is the order of calling. Rejects with a
   * fatal BridgeError as soon as an event fails so, or with STOPPING when `signal` aborts; what was not sent by then is
   * dropped, and nothing of its lane follows before what was sent has ended. After a fatal error, what is published
   * later under the same signal rejects with it too, so that nothing overtakes the batch that has to come again.
   * `occurrences`: one for each envelope where ids name states, as `Sink.route` wants it. `guard`: watches over the keys;
   * default: none, everything is sent, and what follows a refused event goes on. `deadline` (milliseconds since the
   * epoch): what is not sent by then is dropped, nothing is sent again, and what is on its way is observed to its end;
   * when something is lacking then, it rejects with ANSWER_TOO_LATE, which ends nothing else.
   */
  publish(
    envelopes: readonly Envelope[],
    feed: FeedName,
    signal: AbortSignal,
    occurrences?: readonly string[],
    guard?: Guard,
    deadline?: number,
  ): Promise<readonly Settlement[]>;
}
