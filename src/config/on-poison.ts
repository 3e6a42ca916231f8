import { type OnPoison, onPoisonChoices } from '../core/on-poison.ts';
import type { ConfigNode } from './node.ts';

/** What the frame refuses is not judged again here. */
export function readOnPoison(node: ConfigNode | undefined): OnPoison {
  const given = node?.kind === 'scalar' ? node.value : undefined;
  return onPoisonChoices.find((choice) => choice === given) ?? 'dead-letter';
}
