import { expect, test } from 'vitest';
import type { Headers } from '../../../src/core/record.ts';
import { classifyStatus } from '../../../src/kit/classify-status.ts';

function answer(status: number, body: Uint8Array | string = '', headers: Headers = {}) {
  return { status, headers, body: Buffer.from(body), receivedAt: new Date('1994-11-06T08:49:00Z') };
}

test.each([
  [200, 'BATCH_MALFORMED'],
  [206, 'BATCH_MALFORMED'],
  [301, 'UPSTREAM_REFUSED'],
  [304, 'UPSTREAM_REFUSED'],
  [400, 'UPSTREAM_REFUSED'],
  [401, 'AUTH_REFUSED'],
  [403, 'AUTH_REFUSED'],
  [404, 'UPSTREAM_NOT_FOUND'],
  [408, 'UPSTREAM_ERROR'],
  [409, 'UPSTREAM_REFUSED'],
  [410, 'UPSTREAM_NOT_FOUND'],
  [425, 'UPSTREAM_ERROR'],
  [429, 'UPSTREAM_RATE_LIMITED'],
  [500, 'UPSTREAM_ERROR'],
  [503, 'UPSTREAM_ERROR'],
  [599, 'UPSTREAM_ERROR'],
])('takes %i for %s', (status, code) => {
  const error = classifyStatus(answer(status, 'because'), 'GET a/next');
  expect(error.code).toBe(code);
  expect(error.message).toBe(`GET a/next: answered ${status}: because`);
});

test('honours Retry-After in seconds and as a date, from the time of arrival, where trying again makes sense', () => {
  const waits = (status: number, value: string) =>
    classifyStatus(answer(status, '', { 'retry-after': value }), 'x').retryAfterMs;
  expect(waits(429, '30')).toBe(30_000);
  expect(waits(503, 'Sun, 06 Nov 1994 08:49:37 GMT')).toBe(37_000);
  expect(waits(503, 'soon')).toBeUndefined();
  expect(waits(404, '30')).toBeUndefined();
});

test('shows no header, and of the body only the first 200 printable characters on one line', () => {
  const long = classifyStatus(answer(500, 'x'.repeat(5_000), { 'x-key': 'hush' }), 'x').message;
  expect(long).toBe(`x: answered 500: ${'x'.repeat(199)}…`);
  const odd = classifyStatus(answer(500, '\u0000a\r\n\tb\u001b[31mc\u202ed\u2028e  \u0085'), 'x').message;
  expect(odd).toBe('x: answered 500: a b [31mc d e');
  const binary = classifyStatus(answer(500, Buffer.alloc(1_000, 0xff)), 'x').message;
  expect(Array.from(binary).length).toBeLessThanOrEqual('x: answered 500: '.length + 200);
  expect(classifyStatus(answer(500), 'x').message).toBe('x: answered 500');
});

test('masks credentials that were echoed back', () => {
  const jwt = 'eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl';
  const { message } = classifyStatus(answer(401, `bad "Bearer abc.def-1=" or basic dXNlcg== or ${jwt}`), 'x');
  expect(message).toBe('x: answered 401: bad "Bearer [secret]" or basic [secret] or [secret]');
});
