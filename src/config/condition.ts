import type { Condition } from '../core/condition.ts';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { follow, parsePointer } from '../kit/json-pointer.ts';
import {
  evaluationLimits,
  evaluationTries,
  findFickle,
  isTimeout,
  isTrue,
  placeOf,
  wordsOf,
} from '../kit/jsonata-limits.ts';

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
    const hint = 'An example: type = "com.fenergo.journey.taskcompleted". Or a JSON Pointer: /data/payload.';
    return { message: `The condition is not valid JSONata${placeOf(error)}: ${wordsOf(error)}.`, hint };
  }
}

async function bounded(evaluate: (event: unknown) => Promise<unknown>, event: unknown): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await evaluate(event);
    } catch (error) {
      if (isTimeout(error) && attempt < evaluationTries) continue;
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
