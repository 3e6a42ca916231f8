import type { AnyConnector, FeedDefinition } from '../core/connector.ts';
import type { OnPoison } from '../core/on-poison.ts';
import { type AckPoint, readAck, refuseAck, refuseWaiting } from './ack.ts';
import type { DeclaredBroker } from './brokers.ts';
import type { DestinationDefinition } from './configuration.ts';
import { bridgeEvents, readAside } from './dead-letters.ts';
import { type DeliveryPromise, readDelivery, refuseDelivery } from './delivery.ts';
import { readDestinations } from './destinations.ts';
import { type ConfigNode, childOf, type Position } from './node.ts';
import { readOnPoison } from './on-poison.ts';
import type { Refuse } from './problem.ts';
import { validate } from './validate.ts';
import { selected } from './variant.ts';

/** A pipeline of the file. What is undefined was refused, and has been reported. */
export interface DeclaredPipeline {
  readonly name: string;
  /** Of its name. */
  readonly at: Position;
  readonly upstream: { readonly connector: AnyConnector; readonly feeds: readonly FeedDefinition[] } | undefined;
  readonly to: readonly DestinationDefinition[] | undefined;
  readonly ack: AckPoint;
  readonly delivery: DeliveryPromise;
  readonly onPoison: OnPoison;
  readonly archive: boolean | undefined;
  /** Undefined also where it is left out. */
  readonly deadLetters: DestinationDefinition | undefined;
  readonly bridgeEvents: DestinationDefinition | undefined;
}

/** What a pipeline may refer to. */
export interface Surroundings {
  readonly connectors: readonly AnyConnector[];
  /** Undefined when the file declares none: that is reported once, not for every pipeline. */
  readonly brokers: ReadonlyMap<string, DeclaredBroker> | undefined;
}

/** Judges `from`, `to`, `deadLetters` and `bridgeEvents` of every pipeline, each on its own. */
export async function readPipelines(
  node: ConfigNode | undefined,
  surroundings: Surroundings,
  refuse: Refuse,
): Promise<readonly DeclaredPipeline[]> {
  if (node?.kind !== 'mapping') return [];
  const { connectors, brokers } = surroundings;
  const reading = [...node.entries].map(async ([name, pipeline]) => {
    const upstream = readFrom(childOf(pipeline, 'from'), name, connectors, refuse);
    const to = await readDestinations(childOf(pipeline, 'to'), name, brokers, refuse);
    const promised = childOf(pipeline, 'delivery');
    const delivery = readDelivery(promised);
    const acked = childOf(pipeline, 'ack');
    const ack = readAck(acked, upstream?.feeds);
    if (acked && ack === 'spool' && upstream) refuseAck(acked, name, upstream.feeds, refuse);
    if (acked && ack === 'broker' && upstream) refuseWaiting(acked, name, upstream.feeds, refuse);
    if (promised && delivery === 'exactly-once' && upstream && to) {
      refuseDelivery(promised, name, ack === 'spool' ? [] : upstream.feeds, to, refuse);
    }
    const onPoison = readOnPoison(childOf(pipeline, 'onPoison'));
    const archive = readArchive(childOf(pipeline, 'archive'));
    return { name, pipeline, upstream, to, ack, delivery, onPoison, archive };
  });
  const read = await Promise.all(reading);
  const all = read.map(({ name, upstream, to }) => ({ name, feeds: upstream?.feeds ?? [], to: to ?? [] }));
  return read.map(({ pipeline, ...parts }, index) => {
    const copied = all[index] ?? { name: parts.name, feeds: [], to: [] };
    const at = pipeline.key ?? pipeline.at;
    const deadLetters = readAside(childOf(pipeline, 'deadLetters'), copied, all, brokers, refuse);
    const said = readAside(childOf(pipeline, 'bridgeEvents'), copied, all, brokers, refuse, bridgeEvents);
    return { ...parts, at, deadLetters, bridgeEvents: said };
  });
}

/** What the frame refuses is not judged again here. */
function readArchive(node: ConfigNode | undefined): boolean | undefined {
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : undefined;
}

function readFrom(
  node: ConfigNode | undefined,
  pipeline: string,
  connectors: readonly AnyConnector[],
  refuse: Refuse,
): DeclaredPipeline['upstream'] {
  if (node === undefined) return undefined;
  const path = ['pipelines', pipeline, 'from'];
  const accepted = connectors.map(({ name }) => name);
  const chosen = selected(
    node,
    path,
    { key: 'connector', noun: 'connector', code: 'CONFIG_UNKNOWN_CONNECTOR', accepted },
    refuse,
  );
  const connector = connectors.find(({ name }) => name === chosen);
  const settings = connector && validate(connector.config, node, path, refuse);
  return connector && settings !== undefined ? { connector, feeds: connector.feeds(settings) } : undefined;
}
