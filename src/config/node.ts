import { Secret } from '../core/secret.ts';

/** Both count from 1; columns in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

interface Place {
  /** Where the value begins. */
  readonly at: Position;
  /** Where its key begins; absent for the root and for list entries. */
  readonly key: Position | undefined;
}

export interface ScalarNode extends Place {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null | Secret;
  /** Already found to be wrong: what the schema says about the value is of no interest. */
  readonly refused: boolean;
}

export interface MappingNode extends Place {
  readonly kind: 'mapping';
  readonly entries: ReadonlyMap<string, ConfigNode>;
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly items: readonly ConfigNode[];
}

/** A value of the configuration file together with where it stands. */
export type ConfigNode = ScalarNode | MappingNode | ListNode;

export type Path = readonly PropertyKey[];

export function childOf(node: ConfigNode, key: PropertyKey): ConfigNode | undefined {
  if (node.kind === 'mapping') return node.entries.get(String(key));
  return node.kind === 'list' ? node.items[Number(key)] : undefined;
}

/** The node at `path`, or the deepest one above it with the key that it lacks. */
export function locate(
  root: ConfigNode,
  path: Path,
): { node: ConfigNode; lacks: PropertyKey | undefined; depth: number } {
  let node = root;
  for (const [depth, key] of path.entries()) {
    const child = childOf(node, key);
    if (child === undefined) return { node, lacks: key, depth };
    node = child;
  }
  return { node, lacks: undefined, depth: path.length };
}

/** The plain value that a schema judges. References stay Secrets. */
export function toValue(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toValue);
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, toValue(child)]));
}

/** Where to point at for a wrong value: at its key when there is nothing behind it. */
export function pointAt(node: ConfigNode): Position {
  return node.kind === 'scalar' && node.value === null ? (node.key ?? node.at) : node.at;
}

/** What a value is, in words, without showing it. */
export function kindOf(node: ConfigNode): string {
  if (node.kind === 'mapping') return 'a mapping';
  if (node.kind === 'list') return 'a list';
  if (node.value === null) return 'empty';
  if (node.value instanceof Secret) return 'a reference';
  if (typeof node.value === 'string') return 'text';
  return typeof node.value === 'number' ? 'a number' : `${node.value}`;
}
