import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonSlice, sliceObject } from '../../../src/kit/json-slices.ts';

function bytesOf(text: string): Buffer {
  return Buffer.from(text);
}

function textOf(bytes: Uint8Array, slice: JsonSlice | undefined): string | undefined {
  return slice && Buffer.from(bytes).subarray(slice.start, slice.end).toString();
}

function elementsOf(text: string): readonly (string | undefined)[] | undefined {
  const bytes = bytesOf(text);
  const slices = sliceObject(bytes, 'list');
  if (slices.kind !== 'object') throw new Error(slices.kind);
  return slices.elements?.map((slice) => textOf(bytes, slice));
}

/** Reads it again through the slices: equal to JSON.parse, or undefined where they call it no JSON. */
function parseBySlices(bytes: Uint8Array): unknown {
  const slices = sliceObject(bytes, 'list');
  if (slices.kind === 'not-json') return undefined;
  if (slices.kind === 'not-object') return 'not-object';
  const value: Record<string, unknown> = {};
  for (const [name, slice] of slices.members) {
    Object.defineProperty(value, name, {
      value: JSON.parse(textOf(bytes, slice) ?? ''),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const parsedElements = slices.elements?.map((slice) => JSON.parse(textOf(bytes, slice) ?? ''));
  if (parsedElements) expect(value['list']).toEqual(parsedElements);
  else expect(Array.isArray(value['list'])).toBe(false);
  return value;
}

function parseByEngine(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'not-object';
  } catch {
    return undefined;
  }
}

const whitespace = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t'), maxLength: 3 });
const document = fc
  .record({ value: fc.jsonValue({ maxDepth: 4 }), list: fc.array(fc.jsonValue({ maxDepth: 3 })), indent: fc.nat(3) })
  .map(({ value, list, indent }) => JSON.stringify({ value, list, more: true }, undefined, indent));

describe('slicing JSON', () => {
  it('reads every document as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.oneof(document, fc.json()), whitespace, (text, space) => {
        const bytes = bytesOf(space + text + space);
        expect(parseBySlices(bytes)).toEqual(parseByEngine(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('calls JSON what JSON.parse calls JSON, whatever was damaged', () => {
    const damage = fc.record({
      at: fc.nat(),
      remove: fc.nat(3),
      insert: fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019.eE+-truefalsnl \n\u0001é'), maxLength: 3 }),
    });
    fc.assert(
      fc.property(document, damage, (text, { at, remove, insert }) => {
        const place = at % (text.length + 1);
        const bytes = bytesOf(text.slice(0, place) + insert + text.slice(place + remove));
        expect(parseBySlices(bytes)).toEqual(parseByEngine(bytes));
      }),
      { numRuns: 10_000 },
    );
  });

  it('never throws on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void sliceObject(bytes, 'list')));
  });

  it.each(['0', '-0', '-1.50e+10', '1E9', '[]', '{}', '"\\u00e9\\n"', 'null', '[1 , [ ] , { } ]', ' {"a" : 1 } '])(
    'takes %s as one element',
    (value) => {
      expect(elementsOf(`{"list":[${value}]}`)).toEqual([value.trim()]);
    },
  );

  it.each([
    '01',
    '1.',
    '.5',
    '1e',
    '+1',
    '--1',
    "'a'",
    '"\\x"',
    '"\\u12g4"',
    '"\n"',
    'nul',
    'True',
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '{"a" 1}',
    '[1 2]',
    '[',
    '{',
    '"',
    '\u00a01',
    '[}',
    '{]',
    'NaN',
    '/* */1',
  ])('refuses %s', (value) => {
    expect(sliceObject(bytesOf(`{"list":[${value}]}`), 'list').kind).toBe('not-json');
  });

  it('keeps each element byte for byte: numbers, escapes, order and space', () => {
    const records = ['{ "z":1.0, "a":9007199254740993 }', '{"__proto__":{"x":1},"e":"\\u00e9\\/"}', '1e400'];
    expect(elementsOf(`{"list":[ ${records.join(' ,\n')} ]}`)).toEqual(records);
  });

  it('takes the last of a repeated name, and finds a name that is spelled with escapes', () => {
    expect(elementsOf('{"list":[1],"\\u006cist":[2,3]}')).toEqual(['2', '3']);
    expect(elementsOf('{"list":[1],"list":7}')).toBeUndefined();
  });

  it('takes __proto__ for a name like any other', () => {
    const slices = sliceObject(bytesOf('{"__proto__":{"list":[1]},"constructor":1}'), 'list');
    expect(slices.kind === 'object' && [...slices.members.keys()]).toEqual(['__proto__', 'constructor']);
    expect(slices.kind === 'object' && slices.elements).toBeUndefined();
  });

  it('lets bytes that are not UTF-8 stand in a string, and nowhere else', () => {
    const inside = Buffer.concat([bytesOf('{"list":["'), Buffer.of(0xff, 0xc3), bytesOf('"]}')]);
    const slices = sliceObject(inside, 'list');
    expect(slices.kind === 'object' && slices.elements).toEqual([{ start: 9, end: 13 }]);
    const outside = Buffer.concat([bytesOf('{"list":['), Buffer.of(0xff), bytesOf(']}')]);
    expect(sliceObject(outside, 'list')).toEqual({ kind: 'not-json', at: 9 });
  });

  it('ignores a byte order mark in front', () => {
    expect(elementsOf('\ufeff{"list":[1]}')).toEqual(['1']);
  });

  it('says where the bytes stop being JSON', () => {
    expect(sliceObject(bytesOf('{"list":[1,2}'), 'list')).toEqual({ kind: 'not-json', at: 12 });
    expect(sliceObject(bytesOf('{"list":[1]} x'), 'list')).toEqual({ kind: 'not-json', at: 13 });
    expect(sliceObject(bytesOf(''), 'list')).toEqual({ kind: 'not-json', at: 0 });
  });

  it('survives nesting without end, closed or not', () => {
    const depth = 1_000_000;
    expect(elementsOf(`{"list":[${'['.repeat(depth)}${']'.repeat(depth)}]}`)?.length).toBe(1);
    expect(sliceObject(bytesOf(`{"list":${'[{"a":'.repeat(depth)}`), 'list').kind).toBe('not-json');
  });

  it('takes time in proportion to the length', () => {
    const timeFor = (length: number): number => {
      const bytes = bytesOf(`{"list":[${'{"a":"b\\"c"},'.repeat(length / 14)}1]}`);
      const started = performance.now();
      sliceObject(bytes, 'list');
      return performance.now() - started;
    };
    timeFor(1_000_000);
    const small = Math.min(timeFor(1_000_000), timeFor(1_000_000), timeFor(1_000_000));
    const large = Math.min(timeFor(16_000_000), timeFor(16_000_000));
    // Quadratic would be 256 times.
    expect(large).toBeLessThan(small * 100);
  });
});
