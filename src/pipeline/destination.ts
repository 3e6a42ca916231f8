import type { FeedName } from '../core/batch.ts';
import type { Condition } from '../core/condition.ts';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import type { Publisher } from './publisher.ts';

/** Where a pipeline publishes to. */
export interface Destination {
  /** For messages; undefined where it is the only one. */
  readonly name: string | undefined;
  /** What the ledger knows it by: other settings make another destination of it. */
  readonly identity: string;
  readonly publisher: Publisher;
  /** Where exactly an event of a feed goes there; undefined where that cannot be told. Absent: it never can. */
  readonly placeOf?: (envelope: Envelope, feed: FeedName) => string | undefined;
  /** Which events it gets. Default: all. */
  readonly wants?: Condition | undefined;
}

/** The same error, saying at which of several destinations it happened. */
export function atDestination(error: BridgeError, name: string | undefined): BridgeError {
  if (name === undefined) return error;
  const { code, message, hint, retryAfterMs } = error;
  return new BridgeError(code, `destination ${name}: ${message}`, {
    cause: error,
    ...(hint !== undefined && { hint }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
