import { BridgeError } from '../../core/errors.ts';
import { type Finding, mostSignificant } from './kafka-codes.ts';

/** What one error of a client library says, by its class and code, never by its text; undefined: nothing by itself. */
export type Look = (error: Error) => Finding | undefined;

/** All that is said in an error, in the nested ones and in the causes. `depth` ends what refers to itself. */
function* findings(error: unknown, look: Look, depth = 16): Generator<Finding> {
  if (!(error instanceof Error) || depth === 0) return;
  // What lies behind one of ours is told by it already.
  if (error instanceof BridgeError) {
    yield { code: error.code, text: error.message, hint: error.hint };
    return;
  }
  const found = look(error);
  if (found) yield found;
  const nested: unknown = Reflect.get(error, 'errors');
  if (Array.isArray(nested)) for (const one of nested) yield* findings(one, look, depth - 1);
  yield* findings(error.cause, look, depth - 1);
}

/** Any error of a client library, in our words. Total. `where` begins the message. */
export function classifyBy(look: Look, error: unknown, where: string): BridgeError {
  if (error instanceof BridgeError) return error;
  const unclear = error instanceof Error ? error.message : String(error);
  const best: Finding = mostSignificant(findings(error, look)) ?? { code: 'BROKER_UNAVAILABLE', text: unclear };
  const { code, text, hint } = best;
  return new BridgeError(code, `${where}: ${text}`, { cause: error, ...(hint !== undefined && { hint }) });
}
