import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Context, createContext, Script } from 'node:vm';
import type { ExprNode } from 'jsonata';
import { evaluationLimits } from './jsonata-limits.ts';

/*
 * JSONata evaluates with promises, while normalise is a plain function, which spool, redrive and replay rely on. Here it
 * lives in a context with a microtask queue of its own, which is empty again before a script in it returns: so an
 * evaluation is over when the call is, and nothing of it is left behind.
 */

interface Job {
  readonly expression: unknown;
  readonly input: unknown;
  state: 'open' | 'done' | 'failed';
  result: unknown;
}

export interface SandboxedExpression {
  readonly ast: ExprNode;
  /** Throws what JSONata throws. */
  evaluate(input: unknown): unknown;
}

const bootstrap = `
  globalThis.perform = () => {
    const own = job;
    own.expression.evaluate(own.input).then(
      (result) => { own.state = 'done'; own.result = result; },
      (error) => { own.state = 'failed'; own.result = error; },
    );
  };
`;

interface Sandbox {
  readonly context: Context & { readonly jsonata: (text: string, options: object) => { ast(): ExprNode } };
  readonly perform: Script;
}

let sandbox: Sandbox | undefined;

/** Takes some milliseconds, so it is made when the first expression is. */
function openSandbox(): Sandbox {
  const file = createRequire(import.meta.url).resolve('jsonata');
  const context = createContext(
    { module: { exports: {} }, exports: {}, job: undefined },
    { microtaskMode: 'afterEvaluate' },
  );
  new Script(readFileSync(file, 'utf8'), { filename: file }).runInContext(context);
  new Script(`globalThis.jsonata = module.exports; ${bootstrap}`).runInContext(context);
  return { context: context as Sandbox['context'], perform: new Script('perform()') };
}

/** Throws what JSONata throws when the text is none. */
export function compileInSandbox(text: string): SandboxedExpression {
  sandbox ??= openSandbox();
  const { context, perform } = sandbox;
  const expression = context.jsonata(text, evaluationLimits);
  return {
    ast: expression.ast(),
    evaluate(input) {
      const job: Job = { expression, input, state: 'open', result: undefined };
      context['job'] = job;
      try {
        perform.runInContext(context);
      } finally {
        context['job'] = undefined;
      }
      if (job.state === 'done') return job.result;
      throw job.state === 'failed' ? job.result : new Error('the evaluation did not end');
    },
  };
}
