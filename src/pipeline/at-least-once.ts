import type { Carrier } from './carrier.ts';
import { persist } from './persist.ts';
import type { FeedContext } from './settle.ts';

/** Published side by side, and known by the ledger, which is written after the broker has confirmed. */
export function atLeastOnce(feed: FeedContext): Carrier {
  return {
    oneByOne: false,
    open: async () => {},
    async recognise(_batch, key, signal) {
      if (!key) return undefined;
      return await persist(() => feed.ledger.find(key), { ...feed, activity: 'ledger', signal });
    },
    publish: (batch, key, shares, context, signal) => feed.fanOut.publish(batch, key, shares, context, signal),
    close: async () => {},
  };
}

/** That of the feed. */
export function carrierOf(feed: FeedContext): Carrier {
  return feed.carrier ?? atLeastOnce(feed);
}
