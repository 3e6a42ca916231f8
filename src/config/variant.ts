import type { ErrorCode } from '../core/errors.ts';
import { type ConfigNode, kindOf, type Path, pointAt } from './node.ts';
import { placeName, type Refuse } from './problem.ts';
import { didYouMean, oneOf } from './suggest.ts';

/** What decides by which schema a mapping is judged: `connector` in `from`, `type` in a broker, `broker` in `to`. */
interface Selector {
  readonly key: string;
  /** What the key names: `connector`, `broker type`, `broker`. */
  readonly noun: string;
  readonly code: ErrorCode;
  readonly accepted: Iterable<string>;
}

/** Gives the name that stands at the selector's key, or says why there is none. */
export function selected(node: ConfigNode, path: Path, selector: Selector, refuse: Refuse): string | undefined {
  const { key, noun, code } = selector;
  const accepted = [...selector.accepted];
  const choice = `Expected ${oneOf(accepted)}.`;
  if (node.kind !== 'mapping') {
    if (node.kind === 'scalar' && node.refused) return undefined;
    const message = `${placeName(path)} is ${kindOf(node)}.`;
    refuse({ at: pointAt(node), code: 'CONFIG_INVALID', message, hint: `Expected a mapping with the key "${key}".` });
    return undefined;
  }
  const chosen = node.entries.get(key);
  if (chosen === undefined) {
    const message = `${placeName(path)} lacks "${key}".`;
    refuse({ at: node.at, code: 'CONFIG_MISSING_KEY', message, hint: choice });
    return undefined;
  }
  if (chosen.kind === 'scalar' && chosen.refused) return undefined;
  if (chosen.kind !== 'scalar' || typeof chosen.value !== 'string') {
    const message = `${placeName([...path, key])} is ${kindOf(chosen)}.`;
    refuse({ at: pointAt(chosen), code: 'CONFIG_INVALID', message, hint: choice });
    return undefined;
  }
  if (accepted.includes(chosen.value)) return chosen.value;
  const message = `There is no ${noun} "${chosen.value}".`;
  refuse({ at: chosen.at, code, message, hint: didYouMean(chosen.value, accepted) ?? choice });
  return undefined;
}
