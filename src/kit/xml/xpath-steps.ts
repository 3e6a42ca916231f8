export type Test =
  | { readonly kind: 'element'; readonly name: string }
  | { readonly kind: 'attribute'; readonly name: string }
  | { readonly kind: 'text' | 'self' };

/** `place`: without `at` the last one. `value`: without `is` it only has to be there. */
export type Predicate =
  | { readonly kind: 'place'; readonly at?: number }
  | { readonly kind: 'value'; readonly of: Test; readonly is?: string };

export interface Step {
  /** After `//`. */
  readonly deep: boolean;
  readonly test: Test;
  readonly predicates: readonly Predicate[];
}

export type Parsed = { readonly absolute: boolean; readonly steps: readonly Step[] } | { readonly problem: string };

const name = String.raw`[\p{L}_][\p{L}\p{N}\p{M}_.:-]*`;
const slash = /^\/{1,2}/;
const test = new RegExp(String.raw`^(?:(text\(\))|(\.)(?!\.)|(@?)(${name}|\*))`, 'u');
const predicate = new RegExp(
  String.raw`^\[\s*(?:(\d{1,9})|(last\(\))|(?:(text\(\))|(\.)|(@?)(${name}))(?:\s*=\s*(?:"([^"]*)"|'([^']*)'))?)\s*\]`,
  'u',
);

function testOf(text: string | undefined, self: string | undefined, at: string | undefined, name: string): Test {
  if (text !== undefined) return { kind: 'text' };
  if (self !== undefined) return { kind: 'self' };
  return at === '@' ? { kind: 'attribute', name } : { kind: 'element', name };
}

function predicateOf(match: RegExpExecArray): Predicate {
  const [, place, last, text, self, at, named = '', double, single] = match;
  if (place !== undefined) return { kind: 'place', at: Number(place) };
  if (last !== undefined) return { kind: 'place' };
  const of = testOf(text, self, at, named);
  const is = double ?? single;
  return { kind: 'value', of, ...(is !== undefined && { is }) };
}

/** The steps of a path. */
export function parseSteps(path: string): Parsed {
  let rest = path.trim();
  const problem = (): Parsed => ({
    problem: `this is no XPath that is known here, from ${JSON.stringify(rest.slice(0, 20))} on: there are / and //, names, *, ., text(), @name, and [1], [last()], [name], [name="text"]`,
  });
  const absolute = rest.startsWith('/');
  const steps: Step[] = [];
  while (rest !== '' || steps.length === 0) {
    const separator = slash.exec(rest)?.[0] ?? '';
    if (separator === '' && steps.length > 0) return problem();
    rest = rest.slice(separator.length);
    const found = test.exec(rest);
    if (found === null) return problem();
    const [whole, text, self, at, named = ''] = found;
    rest = rest.slice(whole.length);
    const is = testOf(text, self, at, named);
    const predicates: Predicate[] = [];
    for (let match = predicate.exec(rest); match !== null; match = predicate.exec(rest)) {
      predicates.push(predicateOf(match));
      rest = rest.slice(match[0].length);
    }
    const isElement = is.kind === 'element';
    if (predicates.length > 0 && !isElement) return problem();
    if (
      (is.kind === 'attribute' && is.name === '*') ||
      ((is.kind === 'text' || is.kind === 'attribute') && rest !== '')
    )
      return problem();
    steps.push({ deep: separator === '//', test: is, predicates });
  }
  return { absolute, steps };
}
