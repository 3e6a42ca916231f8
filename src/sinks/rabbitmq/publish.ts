import { BridgeError } from '../../core/errors.ts';
import type { Delivery, Routed } from '../../core/sink.ts';
import { type Limits, orAborted } from './abort.ts';
import type { RabbitmqDestination } from './config.ts';
import { encode } from './encode.ts';
import type { Keeper } from './keeper.ts';
import type { Link, Outcome } from './link.ts';
import { type Place, placeOf } from './place.ts';

/** What a sink's calls share. */
export interface Channels {
  readonly brokerName: string;
  readonly destination: RabbitmqDestination;
  /** For all that is not suspect. */
  readonly usual: Keeper;
  /** Over which one suspect at a time goes, so that the broker's answer is about that one. */
  readonly apart: Keeper;
  /** What may have made the broker close a channel. */
  readonly suspects: WeakSet<Routed>;
  /** Gives its turn to one caller after another. */
  readonly inTurn: (work: () => Promise<Delivery>) => Promise<Delivery>;
}

const heldBack = new BridgeError('NOT_SENT', 'an earlier event with its partition key is still open');

function failed(error: BridgeError): Delivery {
  return { status: 'failed', error };
}

function isOpen(delivery: Delivery): boolean {
  return delivery.status !== 'confirmed' && delivery.error.disposition !== 'poison';
}

/** One call to `publish` of the sink: see there for what it promises. */
export async function publish(
  channels: Channels,
  items: readonly Routed[],
  limits: Limits,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = new Array(items.length);

  async function publishLane(positions: readonly number[]) {
    let open = false;
    for (const at of positions) {
      const item = items[at];
      if (!item) continue;
      const delivery = open ? failed(heldBack) : await publishOne(channels, item, limits);
      deliveries[at] = delivery;
      open ||= isOpen(delivery);
    }
  }

  const relaxed = channels.destination.order === 'relaxed';
  const lanes = Map.groupBy(items.keys(), (at) => (relaxed ? at : items[at]?.lane));
  await Promise.all(lanes.values().map(publishLane));
  return deliveries;
}

async function publishOne(channels: Channels, item: Routed, limits: Limits): Promise<Delivery> {
  const { usual, apart, suspects, inTurn } = channels;
  if (!suspects.has(item)) return await sendOver(usual, channels, item, limits);
  const turn = inTurn(async () => {
    const delivery = await sendOver(apart, channels, item, limits);
    if (delivery.status === 'confirmed') suspects.delete(item);
    return delivery;
  });
  const delivery = await orAborted(turn, limits.confirmBy);
  return delivery instanceof BridgeError ? { status: 'unknown', error: delivery } : delivery;
}

async function sendOver(keeper: Keeper, channels: Channels, item: Routed, limits: Limits): Promise<Delivery> {
  const { sendBy, confirmBy } = limits;
  if (sendBy.aborted) return failed(sendBy.reason);
  const place = placeOf(item.address);
  const link = await keeper.link(place, sendBy);
  if (link instanceof BridgeError) return failed(link);
  const problem = await readiness(link, place, sendBy);
  if (problem) return failed(problem);
  const outcome = await link.send(place, encode(item.envelope, channels.destination), confirmBy);
  if (outcome.status === 'suspect') channels.suspects.add(item);
  if (outcome.status === 'returned' && keeper.isJustBack) return failed(notYetTaken(item, channels.brokerName));
  return deliveryOf(outcome, item, channels.brokerName);
}

/** The feed must not be halted for minutes by a broker that is still starting, or whose queues are. */
function notYetTaken({ address }: Routed, brokerName: string): BridgeError {
  const { exchange, routingKey } = placeOf(address);
  const message = `no queue of ${brokerName}, which is just back, takes events from ${exchange} with routing key "${routingKey}" yet`;
  return new BridgeError('BROKER_UNAVAILABLE', message);
}

/** Why nothing may be sent there over the link. */
async function readiness(link: Link, place: Place, sendBy: AbortSignal): Promise<BridgeError | undefined> {
  do {
    const problem = (await link.released(sendBy)) ?? (await link.prepared(place, sendBy));
    if (problem) return problem;
    if (sendBy.aborted) return sendBy.reason;
  } while (link.held);
  return undefined;
}

function deliveryOf(outcome: Outcome, item: Routed, brokerName: string): Delivery {
  const { exchange, routingKey } = placeOf(item.address);
  const { id } = item.envelope.attributes;
  switch (outcome.status) {
    case 'acked':
      return { status: 'confirmed', receipt: { exchange, routingKey, messageId: id } };
    case 'returned':
      return failed(
        new BridgeError(
          'DESTINATION_UNBOUND',
          `no queue takes events from ${exchange} with routing key "${routingKey}"`,
          {
            hint: 'Bind a queue to the exchange for it, or give the exchange an alternate one for what nobody wants.',
          },
        ),
      );
    case 'nacked':
      // Another queue of the exchange may have taken it.
      return {
        status: 'unknown',
        error: new BridgeError('BROKER_UNAVAILABLE', `${brokerName} did not take event ${id} (nack)`, {
          hint: 'A queue behind the exchange is full (x-overflow: reject-publish), or has lost its leader.',
        }),
      };
    case 'refused': {
      const { code, message, hint, cause } = outcome.error;
      const details = { cause, ...(hint !== undefined && { hint }) };
      return failed(new BridgeError(code, `event ${id} for exchange ${exchange}: ${message}`, details));
    }
    case 'unsendable':
      return failed(
        new BridgeError('EVENT_REFUSED', `event ${id} does not fit into an AMQP message: its attributes are too long`, {
          cause: outcome.cause,
          hint: 'AMQP allows 255 bytes for id, type and correlationid, and about 64 KiB for all headers.',
        }),
      );
    case 'unsent':
      return failed(outcome.error);
    case 'suspect':
    case 'lost':
      return { status: 'unknown', error: outcome.error };
  }
}
