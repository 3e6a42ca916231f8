import { expect, test } from 'vitest';
import { maxRetryAfterMs, retryAfterMs } from '../../../src/kit/retry-after.ts';

const now = new Date('1994-11-06T08:49:00Z');

test.each([
  ['0', 0],
  ['120', 120_000],
  [' 7 ', 7_000],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
  ['86400', 86_400_000],
])('reads %j as %i ms', (value, ms) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBe(ms);
});

test.each([
  '',
  '-5',
  '1.5',
  '5s',
  '1e3',
  '0x10',
  'soon',
  '120, 120',
  '1994-11-06T08:50:00Z',
  'Sun, 06 Nov 1994 08:48:59 GMT',
  'Sun, 06 Nov 1994 08:49:37 PST',
  'Sun, 99 Nov 1994 08:49:37 GMT',
  'Sun, 06 Foo 1994 08:49:37 GMT',
])('makes nothing of %j', (value) => {
  expect(retryAfterMs({ 'retry-after': value }, now)).toBeUndefined();
});

test('makes nothing of an absent header, and caps at 15 minutes only for those who wait', () => {
  expect(retryAfterMs({}, now)).toBeUndefined();
  expect(maxRetryAfterMs).toBe(900_000);
});
