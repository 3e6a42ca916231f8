import type { Delivery, Sink } from '../../core/sink.ts';
import type { SinkContext } from '../../core/sink-type.ts';
import { withLimits } from './abort.ts';
import { checkRabbitmq } from './check.ts';
import type { RabbitmqBroker, RabbitmqDestination } from './config.ts';
import { approximateSize } from './encode.ts';
import { createKeeper } from './keeper.ts';
import { addressFor, compilePlaces } from './place.ts';
import { type Channels, publish } from './publish.ts';
import { hostOf } from './url.ts';

/** Inside a call the events of a lane go one by one: a call is short, and there are many, so that lanes do not wait for each other. */
const maxOpenCalls = 32;
const maxCall = { events: 100, bytes: 1024 ** 2 };
const perLane = 5;

function createTurns(): Channels['inTurn'] {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    last = mine;
    return mine;
  };
}

export function openRabbitmqSink(
  broker: RabbitmqBroker,
  destination: RabbitmqDestination,
  { pipeline, brokerName }: SinkContext,
): Sink {
  const places = compilePlaces(destination, pipeline);
  const hosts = [broker.url].flat().map(hostOf);
  const login = { broker, brokerName, clientName: `feedferry ${pipeline}` };
  const channels: Channels = {
    brokerName,
    destination,
    usual: createKeeper(hosts, login, destination.topology),
    apart: createKeeper(hosts, login, destination.topology),
    suspects: new WeakSet(),
    inTurn: createTurns(),
  };

  return {
    maxOpenCalls,
    maxCall,
    perLane,
    route(envelope, feed) {
      const address = addressFor(places, envelope, feed);
      const { exchange = '' } = address;
      const lane = `${exchange}/${envelope.attributes.partitionkey}`;
      return { envelope, destination: exchange, address, lane, bytes: approximateSize(envelope) };
    },
    check: (feeds, signal) => checkRabbitmq({ hosts, login, places, destination }, feeds, signal),
    publish(items, signal): Promise<readonly Delivery[]> {
      return withLimits(signal, broker.confirmTimeout, brokerName, (limits) => publish(channels, items, limits));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([channels.usual.close(), channels.apart.close()]);
    },
  };
}
