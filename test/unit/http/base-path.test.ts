import { describe, expect, test } from 'vitest';
import { parseBase, targetBelow } from '../../../src/http/base-path.ts';

describe('stays below the base', () => {
  test.each([
    ['https://api.test', 'a/b', '/a/b'],
    ['https://api.test/', 'a/b', '/a/b'],
    ['https://api.test/v2', 'a', '/v2/a'],
    ['https://api.test/v2/', 'a', '/v2/a'],
    ['https://api.test/v2', '', '/v2'],
    ['https://api.test', '', '/'],
    ['https://api.test/v2', '?after=0', '/v2?after=0'],
    ['https://api.test/v2?key=1#top', 'a', '/v2/a'],
    ['https://api.test/v2/x/../y', 'a', '/v2/y/a'],
    ['https://api.test', 'a?next=../b&url=https://c.test/', '/a?next=../b&url=https://c.test/'],
    ['https://api.test', 'id%2Fwith%2Fslashes/complete', '/id%2Fwith%2Fslashes/complete'],
    ['https://api.test', 'a..b/...c/.d', '/a..b/...c/.d'],
    ['https://api.test', 'a/b:c', '/a/b:c'],
  ])('%s + %s', (base, path, target) => {
    expect(targetBelow(parseBase(base), path)).toBe(target);
  });
});

describe('refuses what could lead out of it', () => {
  test.each([
    '..',
    '../a',
    'a/../b',
    'a/..',
    './a',
    'a/..?x=1',
    '%2e%2e/a',
    '%2E./a',
    '.%2e/a',
    'a/%2e%2E',
    '..%2fa',
    'a%2f..%2fb',
    '..%5ca',
    'a\\b',
    '\\\\evil.test\\a',
    '/a',
    '//evil.test/a',
    'https://evil.test/a',
    'HTTPS:evil.test',
    'javascript:1',
    '\t//evil.test/a',
    'a b',
    'a\r\nhost: evil.test',
    'a#b',
    'ä',
  ])('%j', (path) => {
    const act = () => targetBelow(parseBase('https://api.test/v2'), path);
    expect(act).toThrow(expect.objectContaining({ code: 'UPSTREAM_REFUSED' }));
  });
});
