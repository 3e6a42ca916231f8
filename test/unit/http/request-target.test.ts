import { describe, expect, test } from 'vitest';
import { readTarget } from '../../../src/http/requests/safe-target.ts';

describe('a target below /requests/', () => {
  test.each([
    ['/requests/os1/containers', 'os1', 'containers'],
    ['/requests/os1/v2/containers/7?x=1&y=a%2Fb', 'os1', 'v2/containers/7?x=1&y=a%2Fb'],
    ['/requests/os1', 'os1', ''],
    ['/requests/os1/', 'os1', ''],
    ['/requests/os1?x=1', 'os1', '?x=1'],
    ['/requests/os1/a/', 'os1', 'a/'],
    ['/requests/os1/a..b/...c/.d/e;v=1', 'os1', 'a..b/...c/.d/e;v=1'],
    ['/requests/os1/a%20b/%C3%A4', 'os1', 'a%20b/%C3%A4'],
    ['/requests/os1/a?next=https://evil.test/../', 'os1', 'a?next=https://evil.test/../'],
    ['/requests/os1/a/b:c', 'os1', 'a/b:c'],
  ])('%s', (sent, pipeline, path) => {
    expect(readTarget(sent)).toEqual({ pipeline, path });
  });
});

describe('what is not below /requests/', () => {
  test.each([
    '/',
    '/requests',
    '/requests/',
    '/requests//os1/a',
    '/requests/../os1/a',
    '/requests/OS1/a',
    '/requests/os1%2fa',
    '/requests/-/a',
    'http://evil.test/requests/os1/a',
    '//evil.test/requests/os1/a',
    '*',
    'evil.test:443',
    '/x/requests/os1/a',
    '/requests/os1/a?x=\r\nhost: evil.test',
  ])('%j', (sent) => {
    expect(readTarget(sent)).toBeUndefined();
  });
});

describe('refuses what could lead out of the base URL', () => {
  test.each([
    '..',
    '../admin',
    'a/../../admin',
    'a/..',
    './a',
    'a/.',
    '..?x=1',
    '%2e%2e/admin',
    '%2E%2E/admin',
    '.%2e/admin',
    '%2e/admin',
    '..;/admin',
    '..;x=1/admin',
    '%2e%2e;/admin',
    '..%3b/admin',
    'a/%2e%2e%2f%2e%2e%2fadmin',
    '..%2fadmin',
    '..%5cadmin',
    '..\\admin',
    'a%2fb',
    '%252e%252e/admin',
    '%252e%252e%252fadmin',
    '%25',
    '%c0%ae%c0%ae/admin',
    '%c0%afadmin',
    '%uff0e%uff0e/admin',
    '%2',
    '%',
    '/evil.test/a',
    '//evil.test/a',
    'a//b',
    'https://evil.test/a',
    'http:evil.test',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'a%00b',
    'a%0d%0ahost:%20evil.test',
    'a%0Ahost',
    'a\r\nhost: evil.test',
    'a b',
    'a\tb',
    'a#b',
    'ä',
    'a?x=%0d%0ahost:evil',
    'a?x=1#y',
    'a?x=%00',
    'a%7f',
  ])('%j', (path) => {
    const read = () => readTarget(`/requests/os1/${path}`);
    expect(read).toThrow(expect.objectContaining({ code: 'REQUEST_PATH_REFUSED' }));
  });
});
