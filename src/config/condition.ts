import type { ExprNode } from 'jsonata';
import type { Condition } from '../core/condition.ts';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { follow, parsePointer } from './json-pointer.ts';

/** How far an evaluation may go: milliseconds, levels, and entries of a list that it makes. */
export const evaluationLimits = { timeout: 500, stack: 500, sequence: 100_000 } as const;

/** One that took too long is tried so often in all: the process itself may have been held up. */
const tries = 3;

/** JSONata's codes of a time-out and of an expression that is too deep, with what they mean. */
const limitWords: Readonly<Record<string, string>> = {
  D1011: `it is more than ${evaluationLimits.stack} levels deep`,
  D1012: `it took more than ${evaluationLimits.timeout} ms, ${tries} times`,
};

/** Would send an event elsewhere when its batch comes again, or could hide what does. */
const fickle: ReadonlySet<string> = new Set(['now', 'millis', 'random', 'shuffle', 'eval']);

export type Compiled =
  | { readonly condition: Condition }
  /** What is wrong with the text, and what to do, as sentences. */
  | { readonly message: string; readonly hint: string };

/**
 * Compiles what stands in `when`: `/x` is a JSON Pointer, anything else JSONata, both over the event as the JSON of
 * CloudEvents. Met by what JSONata takes for true: not by nothing, null, false, 0, "", [] and {}. Numbers are compared
 * as doubles. The condition rejects with CONDITION_FAILED.
 */
export async function compileCondition(text: string): Promise<Compiled> {
  if (text.startsWith('/')) {
    const steps = parsePointer(text);
    if (steps) return { condition: async (envelope) => isTrue(follow(eventOf(envelope), steps)) };
    return { message: 'The JSON Pointer has a "~" that stands for nothing.', hint: 'Write ~0 for "~" and ~1 for "/".' };
  }
  const { default: jsonata } = await import('jsonata');
  try {
    const expression = jsonata(text, evaluationLimits);
    const name = findFickle(expression.ast());
    if (name !== undefined) {
      const message = `The condition uses $${name}: an event that comes again could go elsewhere.`;
      return { message, hint: 'Use what is in the event, such as its attribute time.' };
    }
    const evaluate = (event: unknown): Promise<unknown> => expression.evaluate(event);
    return { condition: async (envelope) => isTrue(await bounded(evaluate, eventOf(envelope))) };
  } catch (error) {
    const at = memberOf(error, 'position');
    const where = typeof at === 'number' ? `, at character ${at}` : '';
    const hint = 'An example: type = "com.fenergo.journey.taskcompleted". Or a JSON Pointer: /data/payload.';
    return { message: `The condition is not valid JSONata${where}: ${wordsOf(error)}.`, hint };
  }
}

async function bounded(evaluate: (event: unknown) => Promise<unknown>, event: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await evaluate(event);
    } catch (error) {
      if (memberOf(error, 'code') === 'D1012' && attempt < tries) continue;
      throw new BridgeError('CONDITION_FAILED', `the condition fails: ${wordsOf(error)}`, { cause: error });
    }
  }
}

/** Read once for all destinations. */
const events = new WeakMap<Envelope, object>();

function eventOf(envelope: Envelope): object {
  const known = events.get(envelope);
  if (known) return known;
  const { attributes, data } = envelope;
  const bytes = Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.length);
  const event =
    data.kind === 'json'
      ? { ...attributes, data: JSON.parse(bytes.toString()) as unknown }
      : { ...attributes, data_base64: bytes.toString('base64') };
  events.set(envelope, event);
  return event;
}

function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isTrue);
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return typeof value !== 'function' && Boolean(value);
}

function findFickle(node: ExprNode): string | undefined {
  const seen = new Set<unknown>();
  const open: unknown[] = [node];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const value = memberOf(next, 'value');
    if (memberOf(next, 'type') === 'variable' && typeof value === 'string' && fickle.has(value)) return value;
    open.push(...Object.values(next).filter((child) => child !== undefined));
  }
  return undefined;
}

/** JSONata throws what is no Error: a mapping with `code`, `position` and `message`. */
function wordsOf(error: unknown): string {
  const code = memberOf(error, 'code');
  const known = typeof code === 'string' ? limitWords[code] : undefined;
  const message = memberOf(error, 'message');
  return known ?? (typeof message === 'string' ? message.replace(/\.$/, '') : String(code ?? 'unknown reason'));
}

function memberOf(thing: unknown, key: string): unknown {
  return typeof thing === 'object' && thing !== null ? (thing as Readonly<Record<string, unknown>>)[key] : undefined;
}
