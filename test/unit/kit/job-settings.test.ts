import { describe, expect, it, test } from 'vitest';
import { readAnswer, requestIdOf, withValues } from '../../../src/kit/job-settings.ts';

function put(body: string, values: Readonly<Record<string, unknown>>, type?: string): string {
  const headers = type === undefined ? {} : { 'content-type': type };
  const { body: filled = '' } = withValues({ method: 'POST', path: '', headers, body: Buffer.from(body) }, values);
  return Buffer.from(filled as Uint8Array).toString();
}

describe('values that are put into a JSON body', () => {
  test.each([
    ['{}', '/url', '{"url":"U"}'],
    ['{"url":"mine","a":1}', '/url', '{"url":"U","a":1}'],
    ['{"a":{"b":1}}', '/a/url', '{"a":{"b":1,"url":"U"}}'],
    ['{}', '/a/b~1c/url', '{"a":{"b/c":{"url":"U"}}}'],
    ['{"a":[{"x":1}]}', '/a/0/url', '{"a":[{"x":1,"url":"U"}]}'],
    [
      '{"n":1.50,"big":12345678901234567890,"e":1e400}',
      '/u',
      '{"n":1.50,"big":12345678901234567890,"e":1e400,"u":"U"}',
    ],
    ['{"__proto__":{"x":1}}', '/u', '{"__proto__":{"x":1},"u":"U"}'],
    ['{}', '/__proto__/u', '{"__proto__":{"u":"U"}}'],
    ['{}', '/constructor/u', '{"constructor":{"u":"U"}}'],
  ])('%s at %s', (body, pointer, filled) => {
    expect(put(body, { [pointer]: 'U' })).toBe(filled);
    expect(({} as Record<string, unknown>)['u']).toBeUndefined();
  });

  test.each([
    ['[]', undefined],
    ['"text"', undefined],
    ['null', undefined],
    ['{"a":', undefined],
    ['', undefined],
    ['{"url":"x"}', 'text/plain'],
    ['{"url":"x"}', 'application/x-www-form-urlencoded'],
  ])('are refused for %j of the type %s', (body, type) => {
    expect(() => put(body, { '/url': 'U' }, type)).toThrow(expect.objectContaining({ code: 'REQUEST_UNFIT' }));
  });

  it('are refused where something else is in their way', () => {
    expect(() => put('{"a":"text"}', { '/a/url': 'U' })).toThrow(expect.objectContaining({ code: 'REQUEST_UNFIT' }));
  });
});

it('reads an id out of an answer, as text, and nothing that is no id', () => {
  const read = (body: string) =>
    readAnswer({ status: 200, headers: {}, body: Buffer.from(body), receivedAt: new Date(0) }, '/data/id');
  expect(['{"data":{"id":"S-1"}}', '{"data":{"id":7}}'].map(read)).toEqual(['S-1', '7']);
  expect(['{"data":{"id":""}}', '{"data":{"id":{}}}', '{}', 'none', ''].map(read)).toEqual(Array(5).fill(undefined));
});

it('takes for a request’s id only what the bridge has made', () => {
  const id = 'a'.repeat(32);
  const of = (value: string) => requestIdOf({ ':query:feedferry-request': value });
  expect(of(id)).toBe(id);
  expect(['', 'A'.repeat(32), `${id}0`, "' OR 1=1"].map(of)).toEqual(Array(4).fill(undefined));
  expect(requestIdOf({ 'feedferry-request': id })).toBeUndefined();
});
