import type { FeedName } from '../../core/batch.ts';
import type { KafkaBroker, KafkaDestination } from './config.ts';

/** The same for a feed at every start: by it, the broker knows whom to fence. */
export function transactionalIdOf({ transactionalIdPrefix }: KafkaDestination, feed: FeedName): string {
  return `${transactionalIdPrefix}/${feed}`;
}

/**
 * How long the broker lets a transaction be open: longer than the bridge, which gives up after the time for a confirm.
 * Consumers wait so long for what a bridge has left open that does not come back.
 */
export function transactionMsOf({ confirmTimeout }: KafkaBroker): number {
  return 2 * confirmTimeout;
}
