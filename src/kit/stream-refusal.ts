import type { StreamArrival, StreamTreatment } from '../core/stream.ts';

/** Members in which errors are told in JSON. */
const members = ['error', 'code', 'message', 'reason'] as const;

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function wordsIn(value: unknown): readonly unknown[] {
  const direct = members.map((name) => memberOf(value, name));
  return [value, ...direct, ...members.map((name) => memberOf(memberOf(value, 'error'), name))];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Finds words that stand for errors: as the whole text, as a text in JSON, or in JSON as `error`, `code`, `message` or
 * `reason`, also of an `error`. In the midst of anything else they mean nothing.
 */
export function refusalByWords(words: Readonly<Record<string, StreamTreatment>>): StreamArrival['refusal'] {
  const known = new Map(Object.entries(words));
  return (text) => {
    if (![...known.keys()].some((word) => text.includes(word))) return undefined;
    const found = known.has(text)
      ? text
      : wordsIn(parsed(text)).find((one) => typeof one === 'string' && known.has(one));
    const treat = typeof found === 'string' ? known.get(found) : undefined;
    return typeof found === 'string' && treat !== undefined ? { word: found, treat } : undefined;
  };
}
