import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition, PollArrival } from '../core/connector.ts';
import { BridgeError } from '../core/errors.ts';

/** How a feed is asked. Throws FEED_NOT_CAPABLE where nobody can be asked. */
export function pollArrivalOf(feed: FeedName, { arrival }: FeedDefinition): PollArrival {
  if (arrival.kind === 'poll') return arrival;
  throw new BridgeError('FEED_NOT_CAPABLE', `${feed} cannot be asked for anything: its upstream sends by itself`);
}
