import type { z } from 'zod';
import { oneOf } from './suggest.ts';

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/**
 * What a schema accepts, in plain words that begin with `expected`; used where the schema has no words of its own.
 * Never shows the value that was refused.
 */
export function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type': {
      const kind = kinds[issue.expected] ?? issue.expected;
      const unquoted = typeof issue.input === 'number' || typeof issue.input === 'boolean';
      return issue.expected === 'string' && unquoted ? 'expected text: put it in double quotes' : `expected ${kind}`;
    }
    case 'invalid_value':
      return `expected ${choice(issue.values)}`;
    case 'too_small':
      return `expected ${atLeast(issue.origin, Number(issue.minimum))}`;
    case 'too_big':
      return `expected ${atMost(issue.origin, Number(issue.maximum))}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return `expected text of the form ${issue.pattern ?? issue.format}`;
    case 'invalid_union':
      return `expected ${issue.errors.length === 0 ? choice(discriminators(issue)) : forms(issue.errors)}`;
    default:
      return 'expected another value';
  }
}

/** What each form of a union wants, taken from its first complaint. */
function forms(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  return [...new Set(errors.map((issues) => issues[0]?.message.replace(/^expected /, '')))].join(', or ');
}

/** What the deciding key of a discriminated union may be. */
function discriminators(issue: z.core.$ZodRawIssue): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

function choice(values: readonly unknown[]): string {
  const [only] = values;
  return values.length === 1 && typeof only !== 'string' ? `${only}` : oneOf(values.map(String));
}

function atLeast(origin: string, minimum: number): string {
  if (origin === 'string') return minimum <= 1 ? 'text that is not empty' : `at least ${minimum} characters`;
  if (origin === 'array') return minimum <= 1 ? 'at least one entry' : `at least ${minimum} entries`;
  return `at least ${minimum}`;
}

function atMost(origin: string, maximum: number): string {
  if (origin === 'string') return `at most ${maximum} characters`;
  return origin === 'array' ? `at most ${maximum} entries` : `at most ${maximum}`;
}
