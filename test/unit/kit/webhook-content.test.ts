import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUtf8, parseMediaType, takesType } from '../../../src/kit/media-type.ts';
import { formRecords, jsonRecords } from '../../../src/kit/webhook-content.ts';
import { formField } from '../../../src/kit/webhook-form.ts';
import { keptMarks, readMarks } from '../../../src/kit/webhook-marks.ts';
import { receivedRequest, verifiedRequest } from '../../support/webhook/received-request.ts';

describe('a field of a form', () => {
  it('is what URLSearchParams finds, in bytes', () => {
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 6 }), (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        for (const [name] of pairs) {
          const expected = new URLSearchParams(body).get(name);
          expect(Buffer.from(formField(Buffer.from(body), name) ?? '').toString()).toBe(expected);
        }
      }),
    );
  });

  it.each([
    ['a=1&a=2', 'a', '1'],
    ['a', 'a', ''],
    ['=x', '', 'x'],
    ['a=b=c', 'a', 'b=c'],
    ['a=%', 'a', '%'],
    ['a=%4', 'a', '%4'],
    ['a=%zz+', 'a', '%zz '],
    ['%61=1', 'a', '1'],
    ['b=1', 'a', undefined],
    ['', 'a', undefined],
  ])('of %s, %s is %s', (body, name, value) => {
    const found = formField(Buffer.from(body), name);
    expect(found && Buffer.from(found).toString()).toBe(value);
  });

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (body) => void formField(body, 'payload')));
  });
});

describe('JSON that is sent', () => {
  it('comes apart at the elements of an array, each byte for byte', () => {
    const space = fc.constantFrom('', ' ', '\n', '\t ');
    fc.assert(
      fc.property(fc.array(fc.tuple(space, fc.json(), space)), (elements) => {
        const body = `[${elements.map((parts) => parts.join('')).join(',')}]`;
        const records = jsonRecords()(verifiedRequest({ body: elements.length === 0 ? '[]' : body }));
        expect(records.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
          elements.map(([, json]) => json.trim()),
        );
        expect(records.map(({ headers }) => readMarks(headers).place)).toEqual(
          elements.map((_, index) => ({ index, of: elements.length })),
        );
      }),
    );
  });

  it('is one record where it is anything else, or not JSON', () => {
    for (const body of ['{"a":[1,2]}', '"[1]"', '[1,', '[1] 2', '', 'x']) {
      const [only, ...others] = jsonRecords()(verifiedRequest({ body }));
      expect(others).toEqual([]);
      expect(Buffer.from(only?.bytes ?? 'nothing').toString()).toBe(body);
    }
  });

  it('may be in a form, which is the record itself where the field is not there', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const read = (body: string) => formRecords('payload')(verifiedRequest({ body, headers }))[0];
    expect(read('payload=%7B%7D')).toMatchObject({ bytes: Buffer.from('{}'), mediaType: 'application/json' });
    expect(read('other=1')).toMatchObject({ bytes: Buffer.from('other=1'), mediaType: headers['content-type'] });
  });
});

describe('what of a request goes with its records', () => {
  it('is what is asked for, and comes back as it was', () => {
    const request = receivedRequest({
      target: '/hooks/x?a=1&b=%C3%BC+&a=2',
      headers: { 'x-id': '7', 'x-other': 'no', 'ce-id': 'c' },
    });
    const kept = keptMarks(
      request,
      {
        headers: ['x-id', 'x-absent', 'constructor'],
        query: ['a', 'b', 'c'],
        method: true,
        also: (name) => name.startsWith('ce-'),
      },
      { index: 2, of: 3 },
    );
    expect(readMarks(kept)).toEqual({
      headers: { 'x-id': '7', 'ce-id': 'c' },
      query: { a: '1', b: 'ü ' },
      method: 'POST',
      place: { index: 2, of: 3 },
    });
    expect(keptMarks(request, {})).toEqual({});
  });
});

describe('a media type', () => {
  it.each([
    ['application/json', { essence: 'application/json', charset: undefined }],
    [' Application/JSON ; Charset="UTF-8"', { essence: 'application/json', charset: 'utf-8' }],
    ['text/plain; format=flowed; charset=latin1', { essence: 'text/plain', charset: 'latin1' }],
    ['', undefined],
    ['json', undefined],
    ['a/b c', undefined],
  ])('%j is %j', (text, parsed) => {
    expect(parseMediaType(text)).toEqual(parsed);
  });

  it.each([
    [['application/json'], 'application/json', true],
    [['application/json'], 'application/problem+json', false],
    [['*+json'], 'application/problem+json', true],
    [['*+json'], 'application/json', false],
    [['*+json'], 'application/xjson', false],
    [['*'], '', true],
    [[''], '', true],
    [['application/json'], '', false],
  ])('of %j, %j is taken: %s', (accepted, essence, taken) => {
    expect(takesType(accepted, essence)).toBe(taken);
  });

  it('has text in UTF-8 unless it says otherwise', () => {
    expect([undefined, 'utf-8', 'utf8', 'us-ascii', 'latin1', 'utf-16'].map(isUtf8)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
