import { randomUUID } from 'node:crypto';
import type { EventReceipt } from '../core/archive.ts';
import type { DeadLetter } from '../core/dead-letter.ts';
import { BridgeError } from '../core/errors.ts';
import type { RepeatedFailure } from '../core/state.ts';
import { atDestination, type Destination } from './destination.ts';
import type { NormalisedEvent } from './normalise.ts';
import { occurrencesOf } from './occurrence.ts';
import type { Parking, Place } from './parking.ts';
import { persist } from './persist.ts';
import { receiptsOf } from './receipts.ts';
import { routeBatch } from './route.ts';
import type { FeedContext } from './settle.ts';
import { applySteps } from './steps.ts';

/** Rows that are read at once. */
const chunk = 50;

export interface Release {
  /** Events that were published, or that the present configuration leaves out. */
  readonly released: number;
  /** `released`: the key is parked no more. `refused`: one is poison again. `more`: time is up, call again. */
  readonly outcome: 'released' | 'refused' | 'more';
  /** What stands in the way. */
  readonly refused?: { readonly id: string; readonly error: BridgeError };
}

export interface ReleaseOptions {
  readonly reason: string;
  /** Milliseconds after which no other event is begun. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
  /** Name of the destination that gets what is parked for one that the configuration has no more. Default: none does. */
  readonly to?: string | undefined;
}

export type ReleasingFeed = Omit<FeedContext, 'poisonWatch'> & { readonly parking: Parking };

/**
 * Publishes what is parked at a key, one after the other, in order, and then lets the key go, at every destination where
 * it is parked. Meanwhile its live events go on being parked behind. Each is closed when it is confirmed: after a crash
 * the one that was on its way is published again. Rejects with NOT_FOUND when the key is not parked, or as publishing does.
 */
export async function releaseKey(feed: ReleasingFeed, key: string, options: ReleaseOptions): Promise<Release> {
  const places = feed.parking.places.filter((place) => place.key === key);
  if (places.length === 0) {
    throw new BridgeError('NOT_FOUND', `${feed.feed} has no parked key "${key}"`, {
      hint: 'List them with: feedferry parked list',
    });
  }
  const substitute = options.to === undefined ? undefined : namedDestination(feed, options.to);
  const ends = performance.now() + options.withinMs;
  // Not the caller's own signal: what fails under this one hinders no later release.
  const own = { ...options, signal: AbortSignal.any([options.signal]) };
  let released = 0;
  for (const place of places) {
    const { outcome, ...rest } = await releasePlace(feed, place, ends, own, substitute);
    released += rest.released;
    if (outcome !== 'released') return { outcome, ...rest, released };
  }
  return { outcome: 'released', released };
}

async function releasePlace(
  feed: ReleasingFeed,
  place: Place,
  ends: number,
  { reason, signal }: ReleaseOptions,
  substitute: Destination | undefined,
): Promise<Release> {
  const { parking, deadLetters } = feed;
  const destination = feed.destinations.find(({ identity }) => identity === place.destination) ?? substitute;
  const about = { ...feed, activity: 'dead-letter', signal } as const;
  let released = 0;
  try {
    for (;;) {
      const arrivals = parking.arrivals(place);
      await parking.flush(signal);
      const letters = await persist(() => firstParked(feed, place), about);
      if (letters.length === 0) {
        // Nothing may have been parked since it was looked up: what comes next would overtake it.
        if (parking.arrivals(place) !== arrivals) continue;
        parking.unpark(place);
        return { outcome: 'released', released };
      }
      if (!destination) throw gone(feed, place);
      for (const letter of letters) {
        if (performance.now() >= ends) return { outcome: 'more', released };
        const { error, receipts } = await publishAgain(letter, destination, feed, signal);
        if (error) {
          await persist(() => deadLetters.failedAgain(letter.id, failureOf(letter, error)), about);
          return { outcome: 'refused', released, refused: { id: letter.id, error } };
        }
        const closing = { status: 'redriven', reason, at: new Date() } as const;
        await persist(() => deadLetters.close([letter.id], closing), about);
        tell(letter, receipts, feed);
        released++;
      }
    }
  } finally {
    await parking.tell();
  }
}

/** The oldest of what is parked there. */
export async function firstParked({ feed, parking, deadLetters }: ReleasingFeed, place: Place) {
  for (const identity of parking.storedAs(place)) {
    const letters = await deadLetters.parked(feed, identity, place.key, chunk);
    if (letters.length > 0) return letters;
  }
  return [];
}

function failureOf({ envelope, destination }: DeadLetter, { code, message }: BridgeError): RepeatedFailure {
  return { code, reason: message, stage: 'publish', envelope, lastAt: new Date(), destination };
}

function namesOf({ destinations }: ReleasingFeed): string {
  return destinations.map(({ name }) => JSON.stringify(name ?? 'the only one')).join(', ');
}

function namedDestination(feed: ReleasingFeed, to: string): Destination {
  const found = feed.destinations.find(({ name }) => name === to);
  if (found) return found;
  throw new BridgeError('USAGE', `${feed.feed} has no destination "${to}"; it has: ${namesOf(feed)}`);
}

function gone(feed: ReleasingFeed, { key }: Place): BridgeError {
  return new BridgeError(
    'DESTINATION_MISSING',
    `${feed.feed} is parked at "${key}" for a destination that the configuration does not have, or not with the settings that it had then; it has: ${namesOf(feed)}`,
    {
      hint: 'With --to and one of these names it is published there, after what is newer of the key and went there meanwhile. Or give the destination its settings back and release the key then; or discard what is parked.',
    },
  );
}

/** For people: nothing waits for it. */
function tell({ feed, batchId, record }: DeadLetter, events: readonly EventReceipt[], { archive }: ReleasingFeed) {
  if (events.length === 0) return;
  const publishedAt = new Date();
  archive?.receipts.published({ feed, batchId, fetchedAt: record.receivedAt, publishedAt, events });
  archive?.receipts.completed(feed, batchId, publishedAt);
}

/** `error`: what stands in the way. Without receipts it is not wanted any more. */
async function publishAgain(
  letter: DeadLetter,
  destination: Destination,
  feed: ReleasingFeed,
  signal: AbortSignal,
): Promise<{ readonly error: BridgeError | undefined; readonly receipts: readonly EventReceipt[] }> {
  const { events, refusal } = await eventsAgain(letter, destination, feed, signal);
  if (refusal || events.length === 0) return { error: refusal, receipts: [] };
  const batch = { ...(letter.batchId !== '' && { upstreamId: letter.batchId }) };
  const again = { feed: feed.feed, ...batch, bytes: 0, records: [], ack: async () => {}, nack: async () => {} };
  const envelopes = events.map(({ envelope }) => envelope);
  const occurrences = occurrencesOf(again, events, feed.ids);
  const settlements = await destination.publisher.publish(envelopes, feed.feed, signal, occurrences);
  const refused = settlements.find((settlement) => settlement.status === 'poison');
  const error = refused && atDestination(refused.error, destination.name);
  return { error, receipts: receiptsOf(events, settlements, destination.name) };
}

/** The event as the present configuration makes it of the record. */
async function eventsAgain(
  letter: DeadLetter,
  destination: Destination,
  feed: ReleasingFeed,
  signal: AbortSignal,
): Promise<{ readonly events: readonly NormalisedEvent[]; readonly refusal: BridgeError | undefined }> {
  const { record, index } = letter;
  const batchId = letter.batchId === '' ? undefined : letter.batchId;
  const made = feed.normalise(record, { batchId, index });
  const normalised = await applySteps(
    {
      events: made.flatMap((outcome) => (outcome.kind === 'event' ? [{ envelope: outcome.envelope, index }] : [])),
      poison: made.flatMap((outcome) =>
        outcome.kind === 'poison' ? [{ index, error: outcome.error, stage: 'normalise' as const }] : [],
      ),
      filtered: 0,
    },
    feed,
    signal,
    () => record,
  );
  const { shares, poison } = await routeBatch(normalised, [destination], signal);
  const events = shares.flatMap((share) => share.events);
  const id = idOf(letter);
  const own = events.filter(({ envelope }) => envelope.attributes.id === id);
  // One that the configuration names otherwise now is not told from the others of its record.
  return { events: own.length > 0 ? own : events, refusal: own.length > 0 ? undefined : poison[0]?.error };
}

function idOf({ envelope }: DeadLetter): string {
  if (!envelope) return randomUUID();
  return (JSON.parse(Buffer.from(envelope).toString()) as { readonly id: string }).id;
}
