import type { FeedName } from '../core/batch.ts';
import { digestId } from '../core/digest.ts';
import type { Envelope } from '../core/envelope.ts';
import type { BridgeError } from '../core/errors.ts';
import type { Destination } from './destination.ts';
import type { FanOut, Part } from './fan-out.ts';
import type { NormalisedEvent } from './normalise.ts';
import type { Share } from './route.ts';

/** What the feeds of a pipeline have confirmed that bring the same events by different ways. In memory, and bounded. */
export interface TwinMemory {
  has(key: string): boolean;
  add(key: string): void;
}

/** So many events back a twin is known again. */
export const mostRemembered = 50_000;

export function createTwinMemory(most = mostRemembered): TwinMemory {
  const known = new Set<string>();
  return {
    has: (key) => known.has(key),
    add(key) {
      known.delete(key);
      known.add(key);
      for (const oldest of known) {
        if (known.size <= most) return;
        known.delete(oldest);
      }
    },
  };
}

/** Names an event at the very place that it goes to. Undefined: it has none, and the publisher says why. */
function keyOf({ identity, placeOf }: Destination, envelope: Envelope, feed: FeedName): string | undefined {
  const place = placeOf?.(envelope, feed);
  const { source, id } = envelope.attributes;
  return place === undefined ? undefined : digestId([identity, place, source, id]);
}

interface Divided {
  readonly share: Share;
  readonly held: readonly NormalisedEvent[];
}

/** What the destination has already is held back; conditions that failed keep their places among the others. */
function divide({ destination, events, unfit }: Share, feed: FeedName, memory: TwinMemory): Divided {
  const held: NormalisedEvent[] = [];
  const left: NormalisedEvent[] = [];
  const stillUnfit = new Map<number, BridgeError>();
  events.forEach((event, at) => {
    const key = keyOf(destination, event.envelope, feed);
    if (key !== undefined && memory.has(key)) {
      held.push(event);
      return;
    }
    const error = unfit?.get(at);
    if (error) stillUnfit.set(left.length, error);
    left.push(event);
  });
  return { held, share: { destination, events: left, ...(stillUnfit.size > 0 && { unfit: stillUnfit }) } };
}

function withHeld(part: Part, held: readonly NormalisedEvent[]): Part {
  if (held.length === 0) return part;
  const before = `${held.length} there before, by another way`;
  const whereabouts = part.whereabouts === '' ? before : `${part.whereabouts}; ${before}`;
  return { ...part, events: [...held, ...part.events], whereabouts };
}

/**
 * Publishes what no twin of the feed has had confirmed at the same place; what it has is there, and counts as such. What
 * is only on its way by another feed is published all the same: it may yet fail there.
 */
export function holdingBack(fanOut: FanOut, memory: TwinMemory): FanOut {
  return {
    async publish(batch, key, shares, context, signal) {
      const divided = shares.map((share) => divide(share, batch.feed, memory));
      const left = divided.map(({ share }) => share);
      const parts = await fanOut.publish(batch, key, left, context, signal);
      return parts.map((part, at) => {
        const { share, held } = divided[at] ?? {};
        if (share === undefined || held === undefined) return part;
        for (const { envelope } of part.events) {
          const known = keyOf(share.destination, envelope, batch.feed);
          if (known !== undefined) memory.add(known);
        }
        return withHeld(part, held);
      });
    },
  };
}
