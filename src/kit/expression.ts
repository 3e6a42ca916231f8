import type { ExprNode } from 'jsonata';
import { z } from 'zod';
import { BridgeError, type ErrorCode } from '../core/errors.ts';
import { excerpt } from './excerpt.ts';
import { follow, parsePointer } from './json-pointer.ts';
import { evaluationTries, findFickle, isTimeout, memberOf, partsOf, placeOf, wordsOf } from './jsonata-limits.ts';
import { compileInSandbox } from './jsonata-sandbox.ts';

/** What reads a value out of a record: a JSON Pointer such as `/data/id`, or anything else as JSONata. Pure. */
export interface Expression {
  /** As it is written. */
  readonly text: string;
  /** Undefined where there is nothing. Throws EXPRESSION_FAILED; `what` names the record. */
  evaluate(scope: unknown, what: string): unknown;
  /**
   * What it reads below this name at the top, as in `/headers/x-id` or `headers."x-id"`. `*`: more than can be told from
   * its text. Empty: nothing.
   */
  reads(name: string): readonly string[];
}

type Compiled = { readonly expression: Expression } | { readonly problem: string };

function compilePointer(text: string): Compiled {
  const steps = parsePointer(text);
  if (!steps) return { problem: 'a JSON Pointer has ~0 for "~" and ~1 for "/", and no other "~"' };
  const reads = (name: string): readonly string[] => (steps[0] === name ? [steps[1] ?? '*'] : []);
  return { expression: { text, evaluate: (scope) => follow(scope, steps), reads } };
}

/** Wherever a path goes through this name: rather too much than too little. */
function readsOf(ast: ExprNode, name: string): readonly string[] {
  const found = new Set<string>();
  for (const part of partsOf(ast)) {
    const steps = memberOf(part, 'steps');
    if (!Array.isArray(steps)) continue;
    steps.forEach((step, at) => {
      if (memberOf(step, 'type') !== 'name' || memberOf(step, 'value') !== name) return;
      const next = steps[at + 1];
      const child = memberOf(next, 'type') === 'name' ? memberOf(next, 'value') : undefined;
      found.add(typeof child === 'string' ? child : '*');
    });
  }
  return [...found].toSorted();
}

/** Of an expression that is a text in quotation marks alone, as many types are: evaluating it costs more than all else. */
function literalOf(ast: ExprNode): string | undefined {
  const value = memberOf(ast, 'type') === 'string' ? memberOf(ast, 'value') : undefined;
  return typeof value === 'string' ? value : undefined;
}

function compileJsonata(text: string): Compiled {
  try {
    const { ast, evaluate } = compileInSandbox(text);
    const name = findFickle(ast);
    if (name !== undefined) return { problem: `$${name} would give another value each time a record comes` };
    const bounded = (scope: unknown, what: string): unknown => {
      for (let attempt = 1; ; attempt++) {
        try {
          return evaluate(scope);
        } catch (error) {
          if (isTimeout(error) && attempt < evaluationTries) continue;
          const reason = `${what}: ${excerpt(text)} fails: ${excerpt(wordsOf(error))}`;
          throw new BridgeError('EXPRESSION_FAILED', reason, { cause: error });
        }
      }
    };
    const reads = (wanted: string) => readsOf(ast, wanted);
    const literal = literalOf(ast);
    return { expression: { text, evaluate: literal === undefined ? bounded : () => literal, reads } };
  } catch (error) {
    // Everything else is no word about the text.
    if (typeof memberOf(error, 'code') !== 'string') throw error;
    return { problem: `this is not valid JSONata${placeOf(error)}: ${wordsOf(error)}` };
  }
}

/** By text: the same one is the same expression. Only configurations have any, so they are few. */
const known = new Map<string, Compiled>();

export function compileExpression(text: string): Compiled {
  const compiled = known.get(text) ?? (text.startsWith('/') ? compilePointer(text) : compileJsonata(text));
  known.set(text, compiled);
  return compiled;
}

const code: ErrorCode = 'CONFIG_INVALID';

/** The setting: `/data/id`, or JSONata such as `"com.example." & body.type`. */
export function expression(): z.ZodType<Expression, string> {
  return z
    .string('expected a JSON Pointer such as /data/id, or JSONata')
    .min(1)
    .transform((text, context): Expression => {
      const compiled = compileExpression(text);
      if ('expression' in compiled) return compiled.expression;
      context.addIssue({ code: 'custom', message: compiled.problem, params: { code } });
      return z.NEVER;
    });
}
