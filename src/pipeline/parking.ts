import type { Batch, FeedName } from '../core/batch.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import type { OnPoison } from '../core/on-poison.ts';
import type { DeadLetters, ParkedKey } from '../core/state.ts';
import type { Report } from '../telemetry/events.ts';
import type { Guard } from './guard.ts';
import { parkedLetter } from './parked-letters.ts';
import { persist } from './persist.ts';
import type { Share } from './route.ts';

export interface ParkingOptions {
  readonly feed: FeedName;
  /** CloudEvents `source` of the feed. */
  readonly source: string;
  readonly onPoison: OnPoison;
  readonly deadLetters: DeadLetters;
  readonly report: Report;
  /** Identities of the pipeline's destinations. */
  readonly destinations: readonly string[];
  /** What the store has of all feeds, at the start. */
  readonly parked: readonly Pick<ParkedKey, 'feed' | 'destination' | 'key'>[];
}

/** The guard of what one batch publishes to one destination. */
export interface BatchGuard extends Guard {
  /** Resolves with what was set aside of it when that is durable. */
  durable(): Promise<readonly DeadLetter[]>;
}

/** A key at which a feed is parked for one destination, even if all that was parked there has been discarded. */
export interface Place {
  readonly destination: string;
  readonly key: string;
}

/**
 * The parked keys of one feed. Decided in memory, at once; what is set aside becomes durable in the order of the
 * decisions, which is the order of acceptance of each key, whatever becomes of the batches.
 */
export interface Parking {
  readonly onPoison: OnPoison;
  readonly places: readonly Place[];
  isParked(place: Place): boolean;
  guard(batch: Batch, share: Share, signal: AbortSignal): BatchGuard;
  /** Makes durable what was decided until now. Rejects as `persist` does; nothing is forgotten then. */
  flush(signal: AbortSignal): Promise<void>;
  /** What the store knows its destination by, oldest first: other settings have made another one of it. */
  storedAs(place: Place): readonly string[];
  /** How many events have been parked there in this process. */
  arrivals(place: Place): number;
  /** The next event of the key is published again. Nothing may be parked there any more. */
  unpark(place: Place): void;
  /** Tells how much is parked. */
  tell(): Promise<void>;
}

const nameOf = ({ destination, key }: Place) => `${destination} ${key}`;

/** Whatever was changed about an only destination, it is the one that lacks what is parked. */
function presentOf(stored: string, present: readonly string[]): string {
  const [only] = present;
  return only === undefined || present.length > 1 || present.includes(stored) ? stored : only;
}

export function createParking(options: ParkingOptions): Parking {
  const { feed, source, onPoison, deadLetters, report } = options;
  const keys = new Map<string, Place & { arrivals: number; readonly stored: readonly string[] }>();
  for (const { feed: owner, destination: stored, key } of options.parked) {
    if (owner !== feed) continue;
    const place: Place = { destination: presentOf(stored, options.destinations), key };
    const before = keys.get(nameOf(place))?.stored ?? [];
    keys.set(nameOf(place), { ...place, arrivals: 0, stored: [...before, stored] });
  }
  /** Decided, and not durable yet. */
  const pending: DeadLetter[] = [];
  let decided = 0;
  let written = 0;
  let flushing: Promise<void> | undefined;

  async function write(signal: AbortSignal) {
    const letters = [...pending];
    await persist(() => deadLetters.add(letters), { feed, activity: 'dead-letter', report, signal });
    pending.splice(0, letters.length);
    written += letters.length;
    for (const { stage, code, reason, batchId, id } of letters) {
      if (stage === 'parked') continue;
      report({ event: 'event.dead-lettered', feed, batchId, id, error: new BridgeError(code, reason) });
    }
    await tell();
  }

  async function durableUpTo(count: number, signal: AbortSignal) {
    while (written < count) {
      if (flushing) {
        // One that failed for another batch is tried again for this one.
        await flushing.catch(() => {});
        continue;
      }
      flushing = write(signal).finally(() => {
        flushing = undefined;
      });
      await flushing;
    }
  }

  async function tell() {
    const all = await deadLetters.parkedKeys().catch(() => undefined);
    const records = all?.filter((row) => row.feed === feed).reduce((sum, { count }) => sum + count, 0);
    if (records !== undefined) report({ event: 'parking.changed', feed, keys: keys.size, records });
  }

  return {
    onPoison,
    get places() {
      return [...keys.values()].map(({ destination, key }) => ({ destination, key }));
    },
    isParked: (place) => keys.has(nameOf(place)),
    guard(batch, share, signal) {
      const { identity: destination, name } = share.destination;
      const letters: DeadLetter[] = [];
      let last = 0;
      return {
        onPoison,
        unfit: (index) => share.unfit?.get(index),
        isParked: (key) => keys.has(nameOf({ destination, key })),
        aside(index, settlement) {
          const event = share.events[index];
          if (!event) throw new BridgeError('INTERNAL', `batch ${batch.upstreamId} has no event ${index}`);
          const letter = parkedLetter(batch, source, share, event, settlement);
          const place: Place = { destination, key: event.envelope.attributes.partitionkey };
          const known = keys.get(nameOf(place));
          if (known) known.arrivals++;
          else {
            keys.set(nameOf(place), { ...place, arrivals: 1, stored: [] });
            report({ event: 'key.parked', feed, key: place.key, ...(name !== undefined && { destination: name }) });
          }
          letters.push(letter);
          pending.push(letter);
          last = ++decided;
        },
        async durable() {
          await durableUpTo(last, signal);
          return letters;
        },
      };
    },
    flush: (signal) => durableUpTo(decided, signal),
    storedAs: (place) => [...new Set([...(keys.get(nameOf(place))?.stored ?? []), place.destination])],
    arrivals: (place) => keys.get(nameOf(place))?.arrivals ?? 0,
    unpark(place) {
      keys.delete(nameOf(place));
    },
    tell,
  };
}
