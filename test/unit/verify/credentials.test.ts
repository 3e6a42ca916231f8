import { describe, expect, it } from 'vitest';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { verifierAt, wordFor } from './support.ts';

function word(settings: unknown, given: Parameters<typeof receivedRequest>[0]): string {
  return wordFor(verifierAt(0, settings).verify(receivedRequest(given)));
}

const basicOf = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` } });

describe('user and password', () => {
  const settings = { basic: { username: 'os1', passwords: ['new:colon', 'öld'] } };

  it.each(['os1:new:colon', 'os1:öld'])('%s is let through', (pair) => {
    expect(word(settings, basicOf(pair))).toBe('verified');
  });

  it.each(['os1:', 'os1:new', 'os2:öld', ':öld', 'os1', 'os1:öld ', '\0'])('%j is refused', (pair) => {
    expect(word(settings, basicOf(pair))).toBe('401 CREDENTIALS_WRONG');
  });

  it.each(['', 'Basic', 'Basic !', 'Bearer x', 'Basic a b', 'Basic YTpi, Basic YTpi'])(
    '%j is missing',
    (authorization) => {
      expect(word(settings, { headers: { authorization } })).toBe('401 CREDENTIALS_MISSING');
      expect(word(settings, {})).toBe('401 CREDENTIALS_MISSING');
    },
  );

  it('is asked for in the words of HTTP', () => {
    const verdict = verifierAt(0, settings).verify(receivedRequest());
    expect(verdict).toMatchObject({ refusal: { authenticate: 'Basic realm="feedferry", charset="UTF-8"' } });
  });
});

describe('a token', () => {
  it('stands after Bearer, in any case', () => {
    const settings = { bearer: ['aaa', 'bbb=='] };
    const of = (authorization: string) => word(settings, { headers: { authorization } });
    expect(['Bearer aaa', 'bearer  bbb=='].map(of)).toEqual(['verified', 'verified']);
    expect(['Bearer aa', 'Bearer aaaa', 'Bearer AAA'].map(of)).toEqual(Array(3).fill('401 CREDENTIALS_WRONG'));
    expect(['aaa', 'Bearer', 'Bearer aaa bbb', 'Basic YTpi', ''].map(of)).toEqual(
      Array(5).fill('401 CREDENTIALS_MISSING'),
    );
  });

  it('stands alone in a header of its own', () => {
    const settings = { bearer: ['a b'.replace(' ', '-')], header: 'X-Gitlab-Token' };
    expect(word(settings, { headers: { 'x-gitlab-token': 'a-b' } })).toBe('verified');
    expect(word(settings, { headers: { 'x-gitlab-token': 'a-c' } })).toBe('401 CREDENTIALS_WRONG');
    expect(word(settings, { headers: { authorization: 'Bearer a-b' } })).toBe('401 CREDENTIALS_MISSING');
    expect(word(settings, { headers: { 'x-gitlab-token': '' } })).toBe('401 CREDENTIALS_MISSING');
  });
});

describe('a secret path', () => {
  const settings = { secretPath: ['0123456789abcdef', 'fedcba9876543210'] };

  it.each([
    ['/hooks/a/0123456789abcdef', 'verified'],
    ['/hooks/a/fedcba9876543210?x=/y', 'verified'],
    ['/hooks/a/0123456789abcde', '401 CREDENTIALS_WRONG'],
    ['/hooks/a/0123456789abcdef/', '401 CREDENTIALS_WRONG'],
    ['/hooks/a?0123456789abcdef', '401 CREDENTIALS_WRONG'],
    ['/hooks/a?/0123456789abcdef', '401 CREDENTIALS_WRONG'],
    ['/hooks/a', '401 CREDENTIALS_WRONG'],
    ['', '401 CREDENTIALS_WRONG'],
  ])('%s: %s', (target, expected) => {
    expect(word(settings, { target })).toBe(expected);
  });
});

describe('a client certificate', () => {
  const sha256 = 'ab'.repeat(32);
  const clientCertificate = { sha256, commonName: 'os1.example.com' };
  const colons = sha256.toUpperCase().replace(/..(?=.)/g, '$&:');

  it.each([
    [{}, 'verified'],
    [{ sha256: [colons] }, 'verified'],
    [{ sha256: ['cd'.repeat(32), sha256], commonNames: ['os1.example.com'] }, 'verified'],
    [{ commonNames: ['os1.example.com'] }, 'verified'],
    [{ sha256: ['cd'.repeat(32)] }, '403 CERTIFICATE_REFUSED'],
    [{ sha256: [sha256], commonNames: ['OS1.example.com'] }, '403 CERTIFICATE_REFUSED'],
  ])('%j: %s', (certificate, expected) => {
    expect(word({ certificate }, { clientCertificate })).toBe(expected);
    expect(word({ certificate }, {})).toBe('403 CERTIFICATE_REFUSED');
  });
});

describe('an address', () => {
  const settings = { addresses: ['203.0.113.7', '10.1.2.3/8', '2001:db8::/32', '::1'] };

  it.each([
    '203.0.113.7',
    '10.255.255.255',
    '::ffff:203.0.113.7',
    '::ffff:10.0.0.1',
    '::FFFF:0A01:0203',
    '2001:db8:1::1',
    '2001:DB8::',
    '::1',
    '0:0:0:0:0:0:0:1',
    '2001:db8::1%eth0',
  ])('%s is let through', (remoteAddress) => {
    expect(word(settings, { remoteAddress })).toBe('verified');
  });

  it.each([
    '203.0.113.8',
    '11.0.0.1',
    '::ffff:11.0.0.1',
    '::2',
    '2001:db9::1',
    'fe80::1%eth0',
    '',
    'unknown',
    '10.1.2',
    '10.1.2.3:80',
    '010.1.2.3',
  ])('%j is refused', (remoteAddress) => {
    expect(word(settings, { remoteAddress })).toBe('403 ADDRESS_REFUSED');
  });
});

describe('several ways', () => {
  it('have all to be gone, and the first that fails is told', () => {
    const settings = [{ addresses: ['10.0.0.0/8'] }, { bearer: ['aaa'] }];
    const headers = { authorization: 'Bearer aaa' };
    expect(word(settings, { remoteAddress: '10.0.0.1', headers })).toBe('verified');
    expect(word(settings, { remoteAddress: '11.0.0.1', headers })).toBe('403 ADDRESS_REFUSED');
    expect(word(settings, { remoteAddress: '10.0.0.1' })).toBe('401 CREDENTIALS_MISSING');
  });

  it('are none, where that is asked for', () => {
    expect(word('none', {})).toBe('verified');
  });
});
