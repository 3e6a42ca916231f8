import { hash } from 'node:crypto';
import { Secret } from '../core/secret.ts';
import type { PipelineFingerprint } from './configuration.ts';
import { type ConfigNode, childOf } from './node.ts';

/** A value with its secrets revealed and its keys in one order: what is written in another order is the same. */
function canonical(node: ConfigNode | undefined): unknown {
  if (node === undefined) return null;
  if (node.kind === 'scalar') return node.value instanceof Secret ? node.value.reveal() : node.value;
  if (node.kind === 'list') return ['list', ...node.items.map(canonical)];
  const entries = [...node.entries].toSorted(([one], [other]) => (one < other ? -1 : 1));
  return ['mapping', ...entries.map(([key, child]) => [key, canonical(child)])];
}

function digest(...nodes: readonly (ConfigNode | undefined)[]): string {
  return hash('sha256', JSON.stringify(nodes.map(canonical)), 'hex');
}

/** What a pipeline of the file, its secrets resolved, and the brokers that it names say. */
export function fingerprintOf(root: ConfigNode, name: string, brokers: readonly string[]): PipelineFingerprint {
  const pipelines = childOf(root, 'pipelines');
  const pipeline = pipelines && childOf(pipelines, name);
  const declared = childOf(root, 'brokers');
  const named = [...new Set(brokers)].toSorted().map((broker) => declared && childOf(declared, broker));
  return { whole: digest(pipeline, ...named), from: digest(pipeline && childOf(pipeline, 'from')) };
}
