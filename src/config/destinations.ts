import { digestId } from '../core/digest.ts';
import type { DeclaredBroker } from './brokers.ts';
import type { DestinationDefinition } from './configuration.ts';
import { type ConfigNode, locate, type Path, pointAt } from './node.ts';
import { placeName, type Refuse } from './problem.ts';
import { validate } from './validate.ts';
import { selected } from './variant.ts';

type Brokers = ReadonlyMap<string, DeclaredBroker>;

/** Judges `to` of a pipeline: one destination, or a list of them. Undefined when any of it is refused. */
export function readDestinations(
  node: ConfigNode | undefined,
  pipeline: string,
  brokers: Brokers | undefined,
  refuse: Refuse,
): readonly DestinationDefinition[] | undefined {
  if (node === undefined || brokers === undefined) return undefined;
  const path = ['pipelines', pipeline, 'to'];
  if (node.kind !== 'list') {
    const only = readDestination(node, path, brokers, refuse);
    return only && [only];
  }
  if (node.items.length === 0) {
    const message = `${placeName(path)} is an empty list.`;
    refuse({ at: node.at, code: 'CONFIG_INVALID', message, hint: 'Expected at least one destination.' });
    return undefined;
  }
  const all = node.items.map((item, index) => readDestination(item, [...path, index], brokers, refuse));
  refuseRepeats(all, node.items, path, refuse);
  const good = all.filter((destination) => destination !== undefined);
  return good.length < all.length ? undefined : withNames(good);
}

function readDestination(
  node: ConfigNode,
  path: Path,
  brokers: Brokers,
  refuse: Refuse,
): DestinationDefinition | undefined {
  const brokerName = selected(
    node,
    path,
    { key: 'broker', noun: 'broker', code: 'CONFIG_UNKNOWN_BROKER', accepted: brokers.keys() },
    refuse,
  );
  const broker = brokerName === undefined ? undefined : brokers.get(brokerName);
  if (brokerName === undefined || broker?.sinkType === undefined) return undefined;
  const destination = validate(broker.sinkType.destination, node, path, refuse);
  if (destination === undefined || broker.settings === undefined) return undefined;
  for (const { key, message, hint } of broker.sinkType.refuse(broker.settings, destination)) {
    const { node: setting } = locate(node, [key]);
    refuse({ at: pointAt(setting), code: 'CONFIG_INVALID', message, hint });
  }
  const identity = digestId([brokerName, JSON.stringify(destination)]);
  const { sinkType, settings } = broker;
  return { name: undefined, identity, brokerName, sinkType, broker: settings, destination, when: undefined };
}

/** Two entries that publish to the same place would double each event that both want. */
function refuseRepeats(
  all: readonly (DestinationDefinition | undefined)[],
  nodes: readonly ConfigNode[],
  path: Path,
  refuse: Refuse,
): void {
  const first = new Map<string, number>();
  all.forEach((destination, index) => {
    if (destination === undefined) return;
    const place = JSON.stringify([destination.brokerName, destination.destination]);
    const earlier = first.get(place);
    const node = nodes[index];
    if (earlier === undefined || node === undefined) first.set(place, index);
    else {
      const message = `${placeName([...path, index])} is the same destination as [${earlier}]: events would be doubled.`;
      const hint = 'Remove one of the two; where their conditions differ, join them with "or".';
      refuse({ at: node.at, code: 'CONFIG_UNSAFE', message, hint });
    }
  });
}

/** The broker's name, with the place in the list where that is not enough. */
function withNames(destinations: readonly DestinationDefinition[]): readonly DestinationDefinition[] {
  if (destinations.length === 1) return destinations;
  return destinations.map((destination, index) => {
    const { brokerName } = destination;
    const isOnlyOne = destinations.every((other) => other === destination || other.brokerName !== brokerName);
    return { ...destination, name: isOnlyOne ? brokerName : `${brokerName} (to[${index}])` };
  });
}
