import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactJson, parseJsonObject } from '../../../src/kit/exact-json.ts';

const parse = (text: string): unknown => parseExactJson(Buffer.from(text), 'event 0');

describe('JSON read exactly', () => {
  it.each([
    ['9007199254740992', 9_007_199_254_740_992],
    ['9007199254740993', '9007199254740993'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['12345678901234567000', 12_345_678_901_234_567_000],
    ['1.10', 1.1],
    ['0.1000000000000000055511151231257827', '0.1000000000000000055511151231257827'],
    ['1e400', '1e400'],
    ['1e-400', '1e-400'],
    ['1E3', 1000],
    ['0e5', 0],
    ['-0', -0],
    ['"12345678901234567890"', '12345678901234567890'],
  ])('%s is %j', (text, value) => {
    expect(parse(text)).toBe(value);
    expect(parse(`{"deep":[${text}]}`)).toEqual({ deep: [value] });
  });

  it('lets no two numbers become one that are spelled as integers', () => {
    const digits = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(String);
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        expect(String(parse(a)) === String(parse(b))).toBe(BigInt(a) === BigInt(b));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what JSON.parse gives where doubles hold every number', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noNegativeZero: true } as object), (value) => {
        const text = JSON.stringify(value);
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each([
    ['', 'RECORD_MALFORMED'],
    ['{"a":1', 'RECORD_MALFORMED'],
    [Buffer.from([0x22, 0xff, 0x22]), 'RECORD_NOT_UTF8'],
  ])('refuses %j', (text, code) => {
    expect(() => parseExactJson(Buffer.from(text), 'event 0')).toThrow(expect.objectContaining({ code }));
  });

  it('wants an object, in UTF-8, where one is asked for', () => {
    const read = (text: string, mediaType: string) => () => parseJsonObject(Buffer.from(text), mediaType, 'event 0');
    expect(read('{"a":1}', 'application/json; charset="UTF-8"')()).toEqual({ a: 1 });
    expect(read('{"a":1}', 'application/json; charset=us-ascii')()).toEqual({ a: 1 });
    expect(read('[]', 'application/json')).toThrow(expect.objectContaining({ code: 'RECORD_MALFORMED' }));
    expect(read('{}', 'application/json; charset=iso-8859-1')).toThrow(
      expect.objectContaining({ code: 'RECORD_NOT_UTF8', message: 'event 0 says that its charset is iso-8859-1' }),
    );
  });
});
