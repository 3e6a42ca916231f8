import type { ExprNode } from 'jsonata';

/** How far an evaluation may go: milliseconds, levels, and entries of a list that it makes. */
export const evaluationLimits = { timeout: 500, stack: 500, sequence: 100_000 } as const;

/** One that took too long is tried so often in all: the process itself may have been held up. */
export const evaluationTries = 3;

/** JSONata's codes of a time-out and of an expression that is too deep, with what they mean. */
const limitWords: Readonly<Record<string, string>> = {
  D1011: `it is more than ${evaluationLimits.stack} levels deep`,
  D1012: `it took more than ${evaluationLimits.timeout} ms, ${evaluationTries} times`,
};

/** Would make something else of an event that comes again, or could hide what does. */
const fickle: ReadonlySet<string> = new Set(['now', 'millis', 'random', 'shuffle', 'eval']);

/** Every node of a parsed expression, and what else is in it. */
export function* partsOf(node: ExprNode): Generator<object> {
  const seen = new Set<unknown>();
  const open: unknown[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    yield next;
    open.push(...Object.values(next).filter((child) => child !== undefined));
  }
}

/** The first function in it that gives another value each time, without its `$`. */
export function findFickle(node: ExprNode): string | undefined {
  for (const part of partsOf(node)) {
    const value = memberOf(part, 'value');
    if (memberOf(part, 'type') === 'variable' && typeof value === 'string' && fickle.has(value)) return value;
  }
  return undefined;
}

export function isTimeout(error: unknown): boolean {
  return memberOf(error, 'code') === 'D1012';
}

/** JSONata throws what is no Error: a mapping with `code`, `position` and `message`. */
export function wordsOf(error: unknown): string {
  const code = memberOf(error, 'code');
  const known = typeof code === 'string' ? limitWords[code] : undefined;
  const message = memberOf(error, 'message');
  return known ?? (typeof message === 'string' ? message.replace(/\.$/, '') : String(code ?? 'unknown reason'));
}

/** `, at character 7`, where that is known. */
export function placeOf(error: unknown): string {
  const at = memberOf(error, 'position');
  return typeof at === 'number' ? `, at character ${at}` : '';
}

/** What JSONata takes for true: not nothing, null, false, 0, "", [] and {}. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return typeof value !== 'function' && Boolean(value);
}

export function memberOf(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? (thing as Readonly<Record<string, unknown>>)[key] : undefined;
}
