import type { FeedName } from '../../core/batch.ts';
import type { Envelope } from '../../core/envelope.ts';
import type { Address } from '../../core/sink.ts';
import { compileTemplate, type Template } from '../template.ts';
import { checkName } from './address.ts';
import type { RabbitmqDestination } from './config.ts';

/** Where events go. */
export interface Place {
  readonly exchange: string;
  /** With its binding key; only where the topology names one. */
  readonly queue?: string;
  readonly bindingKey?: string;
}

/** Where one event goes. */
export interface EventPlace extends Place {
  readonly routingKey: string;
}

/** The templates of a destination, compiled. */
export interface Places {
  readonly exchange: Template;
  readonly routingKey: Template | undefined;
  readonly queue: Template | undefined;
  readonly bindingKey: Template | undefined;
}

export function compilePlaces({ exchange, routingKey, topology }: RabbitmqDestination, pipeline: string): Places {
  const compiled = (source: string | undefined) =>
    source === undefined ? undefined : compileTemplate(source, pipeline);
  const allKeys = topology?.type === 'fanout' ? undefined : '#';
  return {
    exchange: compileTemplate(exchange, pipeline),
    routingKey: compiled(routingKey),
    queue: compiled(topology?.queue),
    bindingKey: topology?.queue === undefined ? undefined : compiled(topology.bindingKey ?? allKeys),
  };
}

/** What the templates give. Throws EVENT_UNROUTABLE where that is no name for AMQP. */
function fill<Key extends string | undefined>(places: Places, render: (template: Template) => string | Key) {
  const filled = {
    exchange: render(places.exchange),
    routingKey: places.routingKey ? render(places.routingKey) : '',
    queue: places.queue && render(places.queue),
    bindingKey: places.bindingKey && render(places.bindingKey),
  };
  checkName('exchange', filled.exchange ?? '');
  checkName('routing key', filled.routingKey ?? '');
  checkName('queue', filled.queue ?? '');
  checkName('binding key', filled.bindingKey ?? '');
  return filled;
}

/** Throws EVENT_UNROUTABLE. */
export function addressFor(places: Places, envelope: Envelope, feed: FeedName): Address {
  const { exchange, routingKey, queue, bindingKey } = fill<string>(places, (template) =>
    template.render(envelope, feed),
  );
  return {
    exchange,
    routingKey,
    ...(queue !== undefined && { queue }),
    ...(bindingKey !== undefined && { bindingKey }),
  };
}

/** Where all events of a feed go; what depends on the event is undefined. Throws EVENT_UNROUTABLE. */
export function placesOf(places: Places, feed: FeedName) {
  return fill<undefined>(places, (template) => template.renderFeed(feed));
}

/** The other way round. */
export function placeOf({ exchange = '', routingKey = '', queue, bindingKey }: Address): EventPlace {
  return {
    exchange,
    routingKey,
    ...(queue !== undefined && { queue }),
    ...(bindingKey !== undefined && { bindingKey }),
  };
}
