import { persist } from './persist.ts';
import { firstParked, type ReleasingFeed } from './release-key.ts';

/**
 * Lets go of the keys of a feed at which nothing is parked any more, since all of it has been discarded: there is nothing
 * left to keep in order. Nothing else may release keys of the feed meanwhile. Rejects as `persist` does.
 */
export async function unparkEmptied(feed: ReleasingFeed, signal: AbortSignal): Promise<void> {
  const { parking } = feed;
  let isChanged = false;
  for (const place of parking.places) {
    const arrivals = parking.arrivals(place);
    await parking.flush(signal);
    const left = await persist(() => firstParked(feed, place), { ...feed, activity: 'dead-letter', signal });
    // What was parked since it was looked up keeps the key parked.
    if (left.length > 0 || parking.arrivals(place) !== arrivals) continue;
    parking.unpark(place);
    isChanged = true;
  }
  if (isChanged) await parking.tell();
}
