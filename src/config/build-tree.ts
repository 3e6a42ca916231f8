import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import type { ConfigNode, Position } from './node.ts';
import type { Refuse } from './problem.ts';
import { didYouMean } from './suggest.ts';

const maxDepth = 50;
const maxValues = 50_000;
const coreTag = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** What an anchor stands for, and how many values that is; `open` while still inside it. */
type Anchored = { readonly node: ConfigNode; readonly values: number } | 'open';

/** Thrown by nobody else and caught below: unfolding has to stop in the middle of a file that is too large. */
const tooLarge = Symbol('too large');

/** Turns the parser's nodes into ours: aliases unfolded (bounded), keys proven to be unique texts. */
export function buildTree(
  contents: unknown,
  position: (offset: number) => Position,
  refuse: Refuse,
): ConfigNode | undefined {
  const anchors = new Map<string, Anchored>();
  let values = 0;
  const placeOf = (node: Node): Position => position(node.range?.[0] ?? 0);

  function count(more: number, at: Position, depth: number): void {
    values += more;
    if (values <= maxValues && depth <= maxDepth) return;
    const message = `With its aliases unfolded, the file has more than ${maxValues} values or ${maxDepth} levels.`;
    refuse({ at, code: 'CONFIG_SYNTAX', message, hint: 'Write out what is needed instead of aliases to aliases.' });
    throw tooLarge;
  }

  function nothing(at: Position, key: Position | undefined): ConfigNode {
    return { kind: 'scalar', value: null, refused: true, at, key };
  }

  function convert(node: unknown, key: Position | undefined, fallback: Position, depth: number): ConfigNode {
    if (isAlias(node)) return unfold(node.source, placeOf(node), key, depth);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) {
      count(1, fallback, depth);
      return { kind: 'scalar', value: null, refused: false, at: fallback, key };
    }
    const at = placeOf(node);
    const before = values;
    count(1, at, depth);
    if (node.tag !== undefined && !coreTag.test(node.tag)) {
      const hint = 'Remove the word that begins with "!", or put the text in double quotes.';
      refuse({ at, code: 'CONFIG_SYNTAX', message: 'The value has a tag that is not accepted.', hint });
      return nothing(at, key);
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, 'open');
    const converted: ConfigNode = isMap(node)
      ? { kind: 'mapping', at, key, entries: convertEntries(node, at, depth) }
      : isSeq(node)
        ? { kind: 'list', at, key, items: node.items.map((item) => convert(item, undefined, at, depth + 1)) }
        : { kind: 'scalar', at, key, refused: false, value: scalarValue(node) };
    if (node.anchor !== undefined) anchors.set(node.anchor, { node: converted, values: values - before });
    return converted;
  }

  function unfold(name: string, at: Position, key: Position | undefined, depth: number): ConfigNode {
    const anchored = anchors.get(name);
    if (anchored === 'open') {
      const hint = 'Write out what is meant.';
      refuse({ at, code: 'CONFIG_SYNTAX', message: `The alias *${name} contains itself.`, hint });
      return nothing(at, key);
    }
    if (anchored === undefined) {
      const hint = didYouMean(name, anchors.keys()) ?? 'If this is no alias: put the text in double quotes.';
      refuse({ at, code: 'CONFIG_SYNTAX', message: `There is no anchor &${name} above.`, hint });
      return nothing(at, key);
    }
    count(anchored.values, at, depth);
    return { ...anchored.node, key };
  }

  function convertEntries(map: YAMLMap, mapAt: Position, depth: number): ReadonlyMap<string, ConfigNode> {
    const entries = new Map<string, ConfigNode>();
    for (const pair of map.items as Pair<unknown, unknown>[]) {
      const at = isNode(pair.key) ? placeOf(pair.key) : mapAt;
      const name = isScalar(pair.key) ? pair.key.value : undefined;
      const value = convert(pair.value, at, at, depth + 1);
      if (isGoodKey(name, at, entries)) entries.set(name, value);
    }
    return entries;
  }

  function isGoodKey(name: unknown, at: Position, siblings: ReadonlyMap<string, unknown>): name is string {
    if (typeof name !== 'string') {
      const message = 'A key is not a text.';
      refuse({ at, code: 'CONFIG_INVALID', message, hint: 'Put the key in double quotes.' });
    } else if (name === '__proto__') {
      refuse({ at, code: 'CONFIG_UNKNOWN_KEY', message: 'The key "__proto__" is never accepted.', hint: 'Remove it.' });
    } else if (name === '<<') {
      const message = 'Merge keys ("<<") are not part of YAML 1.2.';
      refuse({ at, code: 'CONFIG_SYNTAX', message, hint: 'Repeat the keys, or use an alias for a whole value.' });
    } else if (siblings.has(name)) {
      const message = `The key "${name}" stands twice in this mapping.`;
      refuse({ at, code: 'CONFIG_DUPLICATE_KEY', message, hint: 'Keep one of the two.' });
    } else {
      return true;
    }
    return false;
  }

  try {
    return convert(contents, undefined, { line: 1, column: 1 }, 0);
  } catch (error) {
    if (error === tooLarge) return undefined;
    throw error;
  }
}

function scalarValue(node: Scalar): string | number | boolean | null {
  const { value } = node;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
