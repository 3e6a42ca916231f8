import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, type Expression } from '../../../src/kit/expression.ts';

function compile(text: string): Expression {
  const compiled = compileExpression(text);
  if ('problem' in compiled) throw new Error(compiled.problem);
  return compiled.expression;
}

function problemOf(text: string): string | undefined {
  const compiled = compileExpression(text);
  return 'problem' in compiled ? compiled.problem : undefined;
}

const scope = { headers: { 'x-id': 'h-1' }, body: { type: 'paid', n: 7, list: [1, 2, 3], 'a/b': { '~': true } } };

describe('an expression', () => {
  it.each([
    ['/body/type', 'paid'],
    ['/body/n', 7],
    ['/body/list/1', 2],
    ['/body/a~1b/~0', true],
    ['/body/nothing/there', undefined],
    ['/body/toString', undefined],
    ['body.type', 'paid'],
    ['"com.example." & body.type', 'com.example.paid'],
    ['headers."x-id"', 'h-1'],
    ['"com.\\u0065xample" /* always */', 'com.example'],
    ['""', ''],
    ['body.list[$ > 1].($ * 2)', [4, 6]],
    ['$sum(body.list.$string()[$ != "2"].$number())', 4],
    ['$map(body.list, function($v) { $v + 1 })[0]', 2],
    ['body.nothing', undefined],
    ['body.type = "paid" ? "yes" : "no"', 'yes'],
  ])('%s gives its value, at once', (text, value) => {
    const found = compile(text).evaluate(scope, 'event 0');
    expect(JSON.stringify(found)).toBe(JSON.stringify(value));
  });

  it('gives the same each time, whatever was asked between', () => {
    const double = compile('body.n * 2');
    const loud = compile('$uppercase(body.type)');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 })), (numbers) => {
        for (const n of numbers) {
          expect(double.evaluate({ body: { n } }, 'event 0')).toBe(n * 2);
          expect(loud.evaluate({ body: { type: `t${n}` } }, 'event 0')).toBe(`T${n}`);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['$number(body.type)', /^event 3: \$number\(body\.type\) fails: /],
    ['body.type + 1', /^event 3: body\.type \+ 1 fails: /],
    ['($f := function($x) { $f($x) + 1 }; $f(1))', /500 levels deep$/],
    ['($f := function($x) { $f($x) }; $f(1))', /took more than 500 ms, 3 times$/],
  ])('%s fails as poison, and the next evaluation works', { timeout: 30_000 }, (text, message) => {
    const fails = compile(text);
    expect(() => fails.evaluate(scope, 'event 3')).toThrow(message);
    try {
      fails.evaluate(scope, 'event 3');
    } catch (error) {
      expect(error).toMatchObject({ name: 'BridgeError', code: 'EXPRESSION_FAILED', disposition: 'poison' });
    }
    expect(compile('body.n').evaluate(scope, 'event 3')).toBe(7);
  });

  it.each([
    ['a b', 'this is not valid JSONata'],
    ['"open', 'this is not valid JSONata'],
    ['/a~2', 'a JSON Pointer has ~0'],
    ['$now()', '$now would give another value'],
    ['body.($random())', '$random would give another value'],
    ['$eval("$now()")', '$eval would give another value'],
  ])('%s is refused', (text, problem) => {
    expect(problemOf(text)).toContain(problem);
  });

  it.each([
    ['/headers/x-id', 'headers', ['x-id']],
    ['/headers', 'headers', ['*']],
    ['/body/id', 'headers', []],
    ['headers."x-id" & "-" & $string(index)', 'headers', ['x-id']],
    ['headers.a & headers.b', 'headers', ['a', 'b']],
    ['$lookup(headers, "x")', 'headers', ['*']],
    ['$.headers.a', 'headers', ['a']],
    ['body.items.($$.headers.a)', 'headers', ['a']],
    ['headers.*', 'headers', ['*']],
    ['$string(index)', 'index', ['*']],
    ['body.id', 'body', ['id']],
  ])('%s reads, of %s, %j', (text, name, read) => {
    expect(compile(text).reads(name)).toEqual(read);
  });
});
