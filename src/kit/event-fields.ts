import { z } from 'zod';
import type { JobOutcome } from '../core/envelope.ts';
import { BridgeError } from '../core/errors.ts';
import { attributeText } from './attribute-text.ts';
import { type Expression, expression } from './expression.ts';
import { isTrue } from './jsonata-limits.ts';

/**
 * What an expression finds, as an attribute: text as it is, numbers and booleans as JSON spells them. Undefined where
 * there is nothing, or what cannot stand in an attribute. Throws EXPRESSION_FAILED; `what` names the record.
 */
export function readField(from: Expression | undefined, scope: unknown, what: string): string | undefined {
  const value = from?.evaluate(scope, what);
  return attributeText(typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);
}

/** The same, where there has to be something. `field` is its name. Throws RECORD_INVALID, or RECORD_WITHOUT_ID for `id`. */
export function requireField(field: string, from: Expression, scope: unknown, what: string): string {
  const text = readField(from, scope, what);
  if (text !== undefined) return text;
  if (field === 'id') throw new BridgeError('RECORD_WITHOUT_ID', `${what} has no id: ${from.text} gives none`);
  const reason = `${what} has no usable ${field}: ${from.text} gives no text without control characters`;
  throw new BridgeError('RECORD_INVALID', reason);
}

/** The setting that tells what the outcome of a job is, by conditions. */
export const outcomeSettings = z.strictObject({
  error: expression().optional().describe('True where the job has failed.'),
  pending: expression().optional().describe('True where the job is not at its end.'),
});

export type OutcomeSettings = z.output<typeof outcomeSettings>;

/** `ok` where no condition is met. */
export function readOutcome({ error, pending }: OutcomeSettings, scope: unknown, what: string): JobOutcome {
  if (error && isTrue(error.evaluate(scope, what))) return 'error';
  return pending && isTrue(pending.evaluate(scope, what)) ? 'pending' : 'ok';
}
