import type { OnPoison } from '../../src/core/on-poison.ts';
import type { ParkedKey } from '../../src/core/state.ts';
import { createParking, type Parking } from '../../src/pipeline/parking.ts';
import type { FeedContext } from '../../src/pipeline/settle.ts';
import type { SampleFeed } from './sample-feed.ts';

/** The same feed, with what becomes of poison. `parked`: at the start; undefined: nothing. */
export function withParking<Feed extends Pick<SampleFeed, 'context' | 'recorder'>>(
  feed: Feed,
  onPoison: OnPoison,
  parked: readonly Pick<ParkedKey, 'feed' | 'destination' | 'key'>[] = [],
): Feed & { readonly context: FeedContext & { readonly parking: Parking } } {
  const { feed: name, source, deadLetters } = feed.context;
  const parking = createParking({
    feed: name,
    source,
    onPoison,
    deadLetters,
    report: feed.recorder.report,
    parked,
    destinations: feed.context.destinations.map(({ identity }) => identity),
  });
  return { ...feed, context: { ...feed.context, parking } };
}
