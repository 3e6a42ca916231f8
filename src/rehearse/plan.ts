import type { RawBatch } from '../core/archive.ts';
import type { FeedName } from '../core/batch.ts';
import { sha256hex } from '../core/digest.ts';
import { type Envelope, encodeStructured } from '../core/envelope.ts';
import { type BridgeError, toBridgeError } from '../core/errors.ts';
import type { Normalise } from '../core/normalise.ts';
import type { Routed } from '../core/sink.ts';
import { normaliseBatch } from '../pipeline/normalise.ts';
import { type Addressee, routeBatch } from '../pipeline/route.ts';

/** A destination, as far as it can be rehearsed: where an event would go. */
export interface RehearsedDestination extends Addressee {
  readonly brokerName: string;
  /** Pure. Throws a poison BridgeError. */
  route(envelope: Envelope, feed: FeedName): Routed;
}

/** A feed under one configuration. Steps that ask the network are left out. */
export interface RehearsedFeed {
  readonly feed: FeedName;
  readonly normalise: Normalise;
  readonly destinations: readonly RehearsedDestination[];
}

/** An event that would be published. */
export interface PlannedEvent {
  readonly id: string;
  /** With its broker: `kafka: fenergo.journey`. */
  readonly destination: string;
  /** Key, routing key, group: all that the address says besides the destination. */
  readonly address: string;
  /** Of the event in structured mode. */
  readonly digest: string;
}

/** What would become of a batch. */
export interface Plan {
  readonly events: readonly PlannedEvent[];
  readonly filtered: number;
  readonly poison: readonly BridgeError[];
}

const unasked = async () => {};

export async function planBatch(rehearsed: RehearsedFeed, raw: RawBatch, signal: AbortSignal): Promise<Plan> {
  const { feed, normalise, destinations } = rehearsed;
  const { batchId, offset = 0, records } = raw;
  const batch = {
    feed,
    ...(batchId !== '' && { upstreamId: batchId }),
    offset,
    bytes: 0,
    records,
    ack: unasked,
    nack: unasked,
  };
  const routed = await routeBatch(normaliseBatch(batch, normalise), destinations, signal);
  const poison = routed.poison.map(({ error }) => error);
  const events: PlannedEvent[] = [];
  for (const { destination, events: wanted } of routed.shares) {
    for (const { envelope } of wanted) {
      try {
        events.push(planned(envelope, destination, feed));
      } catch (thrown) {
        poison.push(toBridgeError(thrown));
      }
    }
  }
  return { events, filtered: routed.filtered, poison };
}

function planned(envelope: Envelope, to: RehearsedDestination, feed: FeedName): PlannedEvent {
  const { destination, address } = to.route(envelope, feed);
  return {
    id: envelope.attributes.id,
    destination: `${to.brokerName}: ${destination}`,
    address: Object.entries(address)
      .map(([name, value]) => `${name}=${value}`)
      .join(' '),
    digest: sha256hex(encodeStructured(envelope)),
  };
}
