import type { AnySinkType } from '../core/sink-type.ts';
import type { ConfigNode } from './node.ts';
import type { Refuse } from './problem.ts';
import { validate } from './validate.ts';
import { selected } from './variant.ts';

/** A broker that the file declares. What is undefined was refused, and has been reported. */
export interface DeclaredBroker {
  readonly sinkType: AnySinkType | undefined;
  /** As the sink type's schema parsed it. */
  readonly settings: unknown;
}

/** Judges every entry of `brokers`; undefined when there is no such mapping. */
export function readBrokers(
  node: ConfigNode | undefined,
  sinkTypes: readonly AnySinkType[],
  refuse: Refuse,
): ReadonlyMap<string, DeclaredBroker> | undefined {
  if (node?.kind !== 'mapping') return undefined;
  const brokers = new Map<string, DeclaredBroker>();
  for (const [name, broker] of node.entries) {
    const path = ['brokers', name];
    const accepted = sinkTypes.map(({ type }) => type);
    const type = selected(
      broker,
      path,
      { key: 'type', noun: 'broker type', code: 'CONFIG_UNKNOWN_BROKER', accepted },
      refuse,
    );
    const sinkType = sinkTypes.find((candidate) => candidate.type === type);
    brokers.set(name, { sinkType, settings: sinkType && validate(sinkType.broker, broker, path, refuse) });
  }
  return brokers;
}
