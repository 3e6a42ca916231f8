import type { EventReceipt } from '../core/archive.ts';
import type { Batch, FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import type { DeadLetterStage } from '../core/dead-letter.ts';
import { encodeStructured } from '../core/envelope.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Normalise } from '../core/normalise.ts';
import type { RawRecord } from '../core/record.ts';
import { atDestination, type Destination } from './destination.ts';
import type { Follow } from './follow.ts';
import { type NormalisedBatch, type NormalisedEvent, normaliseBatch } from './normalise.ts';
import { occurrencesOf } from './occurrence.ts';
import { receiptsOf } from './receipts.ts';
import { routeBatch, type Share } from './route.ts';
import { applySteps, type StepsContext } from './steps.ts';
import { withTransport } from './transport.ts';
import { whereabouts } from './whereabouts.ts';

/** What an outlet works with: the same as the feed. */
export interface OutletContext extends StepsContext {
  readonly normalise: Normalise;
  readonly ids?: FeedDefinition['ids'] | undefined;
  readonly destinations: readonly Destination[];
  /** As of FeedContext. */
  readonly follow?: Follow | undefined;
}

/** Records of one batch, with their places in it: not all of them need be there. */
export interface RecordsAgain {
  readonly batchId: string | undefined;
  readonly records: readonly RecordAgain[];
}

export interface RecordAgain {
  readonly record: RawRecord;
  readonly index: number;
  /** Ids of its events that are left out. Default: none. */
  readonly without?: readonly string[] | undefined;
}

/** A record that was not published, or not everywhere. */
export interface RefusedAgain {
  readonly index: number;
  /** Poison; or, of everything that was to go there, what kept a destination from confirming in time. */
  readonly error: BridgeError;
  readonly stage: DeadLetterStage;
  /** `identity` of the destination that refused it. Absent: it was refused before. */
  readonly destination?: string;
  /** The event in structured mode, when the record had become one. */
  readonly envelope: Uint8Array | null;
}

export interface Republished {
  /** Events that at least one destination was to get. */
  readonly events: number;
  /** Of these: at least one has. */
  readonly published: number;
  /** Events that nobody wants any more. */
  readonly filtered: number;
  /** Where they are, for people. */
  readonly whereabouts: string;
  readonly receipts: readonly EventReceipt[];
  readonly refused: readonly RefusedAgain[];
}

export interface RepublishOptions {
  /** Identities of the destinations that get it. Default: all of the pipeline. */
  readonly destinations?: readonly string[] | undefined;
  /** What is not confirmed when it aborts is refused with STOPPING. */
  readonly signal: AbortSignal;
}

/**
 * The way of a record that was kept, out again: through the present configuration, to the destinations, with the ids and
 * keys that it gives. Goes by no ledger, and moves nothing upstream; steps that ask upstream ask again.
 */
export interface Outlet {
  readonly feed: FeedName;
  readonly destinations: readonly Pick<Destination, 'name' | 'identity'>[];
  /** Rejects with STOPPING, or a fatal error, only before anything is published. */
  republish(again: RecordsAgain, options: RepublishOptions): Promise<Republished>;
  /** What would be published; asks nobody. Steps are left out. */
  plan(again: RecordsAgain): NormalisedBatch;
}

function batchOf(feed: FeedName, { batchId, records }: RecordsAgain): Batch {
  return {
    feed,
    ...(batchId !== undefined && { upstreamId: batchId }),
    bytes: 0,
    records: records.map(({ record }) => record),
    ack: async () => {},
    nack: async () => {},
  };
}

/** Normalised as at their places in the batch. */
function normaliseAgain(feed: FeedName, again: RecordsAgain, normalise: Normalise): NormalisedBatch {
  const placeOf = (at: number) => again.records[at]?.index ?? at;
  const made = normaliseBatch(batchOf(feed, again), (record, { index, ...context }) =>
    normalise(record, { ...context, index: placeOf(index) }),
  );
  return {
    ...made,
    events: made.events.map((event) => ({ ...event, index: placeOf(event.index) })),
    poison: made.poison.map((poison) => ({ ...poison, index: placeOf(poison.index) })),
  };
}

/** What is to be sent again of it. */
function wantedOf<Made extends NormalisedBatch>(made: Made, { records }: RecordsAgain): Made {
  const without = new Map(records.map((record) => [record.index, record.without ?? []]));
  const isWanted = ({ index, envelope }: NormalisedEvent) => !without.get(index)?.includes(envelope.attributes.id);
  return { ...made, events: made.events.filter(isWanted) };
}

interface Outcome {
  readonly confirmed: readonly NormalisedEvent[];
  readonly place: string;
  readonly receipts: readonly EventReceipt[];
  readonly refused: readonly RefusedAgain[];
}

export function createOutlet(context: OutletContext): Outlet {
  const { feed, normalise, ids } = context;

  async function publish(again: RecordsAgain, { destination, events }: Share, signal: AbortSignal): Promise<Outcome> {
    const { identity, name, publisher } = destination;
    const refuse = ({ index, envelope }: Share['events'][number], error: BridgeError): RefusedAgain => ({
      index,
      error: atDestination(error, name),
      stage: 'publish',
      destination: identity,
      envelope: encodeStructured(envelope),
    });
    try {
      const envelopes = events.map(({ envelope }) => envelope);
      const occurrences = occurrencesOf(batchOf(feed, again), events, ids);
      const settlements = await publisher.publish(envelopes, feed, signal, occurrences);
      const refused = events.flatMap((event, at) => {
        const settlement = settlements[at];
        return settlement?.status === 'poison' ? [refuse(event, settlement.error)] : [];
      });
      const confirmed = events.filter((_, at) => settlements[at]?.status === 'confirmed');
      return {
        confirmed,
        place: whereabouts(settlements, name),
        receipts: receiptsOf(events, settlements, name),
        refused,
      };
    } catch (thrown) {
      const error = toBridgeError(thrown);
      return { confirmed: [], place: '', receipts: [], refused: events.map((event) => refuse(event, error)) };
    }
  }

  return {
    feed,
    destinations: context.destinations,
    plan: (again) => wantedOf(normaliseAgain(feed, again, normalise), again),
    async republish(again, { destinations, signal }) {
      const chosen = context.destinations.filter(({ identity }) => destinations?.includes(identity) ?? true);
      const recordAt = (at: number) => again.records.find(({ index }) => index === at)?.record;
      const stepped = await applySteps(normaliseAgain(feed, again, normalise), context, signal, recordAt);
      const normalised = withTransport(stepped, recordAt);
      const { shares, poison, filtered } = await routeBatch(wantedOf(normalised, again), chosen, signal);
      if (signal.aborted) throw new BridgeError('STOPPING', 'stopped before anything was published again');
      const outcomes = await Promise.all(shares.map((share) => publish(again, share, signal)));
      if (outcomes.every(({ refused }) => refused.length === 0)) {
        // It is published: a state that cannot be written changes nothing about that.
        await context.follow?.(normalised.events, recordAt, { signal }).catch(() => {});
      }
      return {
        events: new Set(shares.flatMap(({ events }) => events)).size,
        published: new Set(outcomes.flatMap(({ confirmed }) => confirmed)).size,
        filtered,
        whereabouts: outcomes
          .map(({ place }) => place)
          .filter((place) => place !== '')
          .join('; '),
        receipts: outcomes.flatMap(({ receipts }) => receipts),
        refused: [
          ...poison.map(({ index, error, stage, at }) => ({
            index,
            error,
            stage,
            ...(at?.destination !== undefined && { destination: at.destination }),
            envelope: at ? encodeStructured(at.event.envelope) : null,
          })),
          ...outcomes.flatMap(({ refused }) => refused),
        ],
      };
    },
  };
}
