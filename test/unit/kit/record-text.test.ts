import { describe, expect, it } from 'vitest';
import { attributeText } from '../../../src/kit/attribute-text.ts';
import { toEventType } from '../../../src/kit/event-type.ts';
import { parseJsonRecord } from '../../../src/kit/json-record.ts';

describe('text for an attribute', () => {
  it.each(['a', 'ü', '😀', ' ', 'a"b\\'])('keeps %j', (value) => {
    expect(attributeText(value)).toBe(value);
  });

  it.each([
    undefined,
    null,
    '',
    7,
    true,
    {},
    ['a'],
    'a\nb',
    '\u0000',
    '\u007f',
    '\u0085',
    '\ud800',
    '\udc00a',
    '\uffff',
  ])('takes %j for absent', (value) => {
    expect(attributeText(value)).toBeUndefined();
  });
});

it('makes an event type of upstream’s spelling', () => {
  expect(toEventType('com.Example', 'Journey:Task Done:V2')).toBe('com.Example.journey.task-done.v2');
});

describe('a record in JSON', () => {
  const parse = (bytes: Uint8Array): unknown => parseJsonRecord(bytes, 'record 3');

  it('gives the members of the object, and nothing of a prototype', () => {
    expect(parse(Buffer.from('{"__proto__":{"id":"x"},"a":1}'))).toHaveProperty('a', 1);
    expect((parse(Buffer.from('{"__proto__":{"id":"x"}}')) as { id?: unknown }).id).toBeUndefined();
  });

  it('names the record, and quotes nothing of it', () => {
    const failure = expect.objectContaining({
      code: 'RECORD_MALFORMED',
      message: 'record 3 is not JSON',
    });
    expect(() => parse(Buffer.from('{"name":"Jane Doe"'))).toThrow(failure);
  });

  it('tells bad UTF-8, bad JSON and other values apart', () => {
    const codeOf = (bytes: Uint8Array): unknown => {
      try {
        return parse(bytes);
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    expect(codeOf(Buffer.of(0x22, 0xff, 0x22))).toBe('RECORD_NOT_UTF8');
    for (const text of ['', '{', 'null', '[]', '"a"', '7', '\ufeff{}']) {
      expect(codeOf(Buffer.from(text)), text).toBe('RECORD_MALFORMED');
    }
  });
});
