import type { Condition } from '../core/condition.ts';
import { digestId } from '../core/digest.ts';
import type { DeclaredBroker } from './brokers.ts';
import { compileCondition } from './condition.ts';
import type { DestinationDefinition } from './configuration.ts';
import { type ConfigNode, childOf, kindOf, locate, type MappingNode, type Path, pointAt } from './node.ts';
import { placeName, type Refuse } from './problem.ts';
import { validate } from './validate.ts';
import { selected } from './variant.ts';

export type Brokers = ReadonlyMap<string, DeclaredBroker>;

/** Judges `to` of a pipeline: one destination, or a list of them. Undefined when any of it is refused. */
export async function readDestinations(
  node: ConfigNode | undefined,
  pipeline: string,
  brokers: Brokers | undefined,
  refuse: Refuse,
): Promise<readonly DestinationDefinition[] | undefined> {
  if (node === undefined || brokers === undefined) return undefined;
  const path = ['pipelines', pipeline, 'to'];
  if (node.kind !== 'list') {
    const only = readDestination(unconditional(node, path, refuse), path, brokers, refuse);
    return only && [only];
  }
  if (node.items.length === 0) {
    const message = `${placeName(path)} is an empty list.`;
    refuse({ at: node.at, code: 'CONFIG_INVALID', message, hint: 'Expected at least one destination.' });
    return undefined;
  }
  const all = await Promise.all(node.items.map((item, index) => readListed(item, [...path, index], brokers, refuse)));
  refuseRepeats(all, node.items, path, refuse);
  const good = all.filter((destination) => destination !== undefined);
  return good.length < all.length ? undefined : withNames(good);
}

/** One that stands alone gets everything: what should be left out is for `from` to say, or for a list. */
function unconditional(node: ConfigNode, path: Path, refuse: Refuse): ConfigNode {
  const when = childOf(node, 'when');
  if (node.kind !== 'mapping' || when === undefined) return node;
  const message = `${placeName(path)} has a condition, but is no list.`;
  refuse({
    at: when.key ?? when.at,
    code: 'CONFIG_UNKNOWN_KEY',
    message,
    hint: 'Write to: [{ broker: …, when: … }]. What meets no condition is completed upstream and not published.',
  });
  return without(node, 'when');
}

function without(node: MappingNode, key: string): MappingNode {
  return { ...node, entries: new Map([...node.entries].filter(([name]) => name !== key)) };
}

/** One of a list. Its `when` is not the sink's. */
async function readListed(
  node: ConfigNode,
  path: Path,
  brokers: Brokers,
  refuse: Refuse,
): Promise<DestinationDefinition | undefined> {
  const written = childOf(node, 'when');
  if (node.kind !== 'mapping' || written === undefined) return readDestination(node, path, brokers, refuse);
  const when = await readCondition(written, [...path, 'when'], refuse);
  const destination = readDestination(without(node, 'when'), path, brokers, refuse);
  if (destination === undefined || when === undefined) return undefined;
  return { ...destination, identity: digestId([destination.identity, when.text]), when: when.condition };
}

async function readCondition(
  node: ConfigNode,
  path: Path,
  refuse: Refuse,
): Promise<{ readonly text: string; readonly condition: Condition } | undefined> {
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || node.value.trim() === '') {
    if (node.kind === 'scalar' && node.refused) return undefined;
    const message = `${placeName(path)} is ${node.kind === 'scalar' && node.value === '' ? 'empty' : kindOf(node)}.`;
    const hint =
      'Expected JSONata such as type = "com.fenergo.journey.taskcompleted", or a JSON Pointer such as /data/payload.';
    refuse({ at: pointAt(node), code: 'CONFIG_INVALID', message, hint });
    return undefined;
  }
  const compiled = await compileCondition(node.value);
  if ('condition' in compiled) return { text: node.value, condition: compiled.condition };
  refuse({ at: node.at, code: 'CONFIG_INVALID', ...compiled });
  return undefined;
}

/** Judges one destination, whose condition is not among its settings any more. */
export function readDestination(
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
