import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, compileGlobs } from '../../../src/kit/glob.ts';

describe('glob', () => {
  it.each([
    ['journey:*', 'journey:taskcompleted', true],
    ['journey:*', 'journey:', true],
    ['journey:*', 'Journey:taskcompleted', false],
    ['journey:*', 'xjourney:task', false],
    ['*', '', true],
    ['*', 'anything\nat all', true],
    ['journey', 'journey', true],
    ['journey', 'journeys', false],
    ['*:task*ed', 'journey:taskcompleted', true],
    ['*:task*ed', 'journey:taskassign', false],
    ['a*a', 'a', false],
    ['ab*ba', 'aba', false],
    ['a.c', 'abc', false],
    ['a**b', 'ab', true],
    ['*a*b*', 'xbya', false],
  ])('%s on %j: %s', (pattern, text, fits) => {
    expect(compileGlob(pattern)(text)).toBe(fits);
  });

  it('agrees with the regular expression of the same meaning', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    fc.assert(
      fc.property(letters, letters, (pattern, text) => {
        const expression = new RegExp(`^${pattern.replaceAll('*', '[^]*')}$`);
        const plain = text.replaceAll('*', 'c');
        expect(compileGlob(pattern)(plain)).toBe(expression.test(plain));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is quick on patterns that make regular expressions slow', () => {
    const started = performance.now();
    expect(compileGlob(`${'a*'.repeat(500)}b`)('a'.repeat(100_000))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('takes any of several patterns', () => {
    const fits = compileGlobs(['journey:*', 'document:created']);
    expect(['journey:x', 'document:created', 'document:deleted'].map(fits)).toEqual([true, true, false]);
  });
});
