import { createHmac, generateKeyPairSync, hash, sign } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { verifierAt, wordFor } from './support.ts';

const now = 1_700_000_000;
const body = '{"grüße":1}';

const hmac = (algorithm: string, key: string | Uint8Array, ...parts: readonly (string | Uint8Array)[]) => {
  const made = createHmac(algorithm, key);
  for (const part of parts) made.update(part);
  return made.digest();
};

function word(settings: unknown, headers: Record<string, string>, given: object = {}): string {
  return wordFor(verifierAt(now, settings).verify(receivedRequest({ headers, body, ...given })));
}

describe('a signature', () => {
  it.each(['sha1', 'sha256', 'sha512'])('is verified with %s, in every encoding', (algorithm) => {
    const digest = hmac(algorithm, 'key', body);
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      const settings = { header: 'X-Sig', algorithm, encoding, keys: ['key'] };
      const written = digest.toString(encoding);
      expect(word(settings, { 'x-sig': written })).toBe('verified');
      if (encoding === 'hex') expect(word(settings, { 'x-sig': written.toUpperCase() })).toBe('verified');
      else expect(word(settings, { 'x-sig': written.replace(/=+$/, '') })).toBe('verified');
      expect(word(settings, { 'x-sig': `${written}0` })).toBe('401 SIGNATURE_WRONG');
      expect(word(settings, { 'x-sig': '=' })).toBe('401 SIGNATURE_WRONG');
    }
  });

  it('is of the raw bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string({ minLength: 1 }), (bytes, key) => {
        const headers = { 'x-sig': hmac('sha256', Buffer.from(key), bytes).toString('hex') };
        expect(word({ header: 'x-sig', keys: [key] }, headers, { body: bytes })).toBe('verified');
      }),
    );
  });

  it('by any live key is enough, and one that was taken away counts no more', () => {
    const headers = { 'x-os1-signature': hmac('sha256', 'old', body).toString('hex') };
    expect(word({ preset: 'os1', keys: ['new', 'old'] }, headers)).toBe('verified');
    expect(word({ preset: 'os1', keys: ['old', 'new'] }, headers)).toBe('verified');
    expect(word({ preset: 'os1', keys: ['new'] }, headers)).toBe('401 SIGNATURE_WRONG');
  });

  it('by any other key is refused', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (live, other) => {
        // A short key is filled up with zero bytes: with and without them it is the same one.
        fc.pre(live.replace(/\0+$/, '') !== other.replace(/\0+$/, ''));
        const headers = { 'x-sig': hmac('sha256', other, body).toString('hex') };
        expect(word({ header: 'x-sig', keys: [live] }, headers)).toBe('401 SIGNATURE_WRONG');
      }),
    );
  });

  it('of Fenergo is by the SHA-256 of the secret, with the name of the hash before it or without', () => {
    const signature = hmac('sha256', hash('sha256', 'secret', 'buffer'), body).toString('hex');
    const settings = { preset: 'fenergo', keys: ['secret'] };
    expect(word(settings, { 'x-fenx-signature': `sha256=${signature.toUpperCase()}` })).toBe('verified');
    expect(word(settings, { 'x-fenx-signature': signature })).toBe('verified');
    expect(word(settings, { 'x-fenx-signature': `sha1=${signature}` })).toBe('401 SIGNATURE_WRONG');
    const ofHex = hmac('sha256', hash('sha256', 'secret'), body).toString('hex');
    expect(word({ ...settings, keyFormat: { derive: 'sha256-hex' } }, { 'x-fenx-signature': ofHex })).toBe('verified');
  });

  it('may cover method, path with query, and URL', () => {
    const signed = '{method} {target}\n{url}\n{body}!';
    const settings = { header: 'x-sig', signed, url: 'https://hooks.example.com/', keys: ['key'] };
    const request = { method: 'PUT', target: '/a/b?c=d' };
    const text = `PUT /a/b?c=d\nhttps://hooks.example.com/a/b?c=d\n${body}!`;
    const headers = { 'x-sig': hmac('sha256', 'key', text).toString('hex') };
    expect(word(settings, headers, request)).toBe('verified');
    expect(word(settings, headers, { ...request, method: 'POST' })).toBe('401 SIGNATURE_WRONG');
    expect(word(settings, headers, { ...request, target: '/a/b?c=e' })).toBe('401 SIGNATURE_WRONG');
  });

  it('by ed25519 is verified with a public key in PEM, base64 or hex', () => {
    const pair = generateKeyPairSync('ed25519');
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const settings = { header: 'x-sig', algorithm: 'ed25519', encoding: 'base64' };
    const signature = sign(null, Buffer.from(body), pair.privateKey).toString('base64');
    const keys = [pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(), raw.toString('base64')];
    for (const key of keys) expect(word({ ...settings, keys: [key] }, { 'x-sig': signature })).toBe('verified');
    const inHex = { ...settings, keyFormat: { encoding: 'hex' }, keys: [raw.toString('hex')] };
    expect(word(inHex, { 'x-sig': signature })).toBe('verified');
    expect(word(inHex, { 'x-sig': signature }, { body: 'other' })).toBe('401 SIGNATURE_WRONG');
    expect(word(inHex, { 'x-sig': signature.slice(4) })).toBe('401 SIGNATURE_WRONG');
  });

  it('in a list may stand among others, with white space around', () => {
    const settings = { header: 'x-sig', list: { separator: ';', assign: ':', name: 'sig' }, keys: ['key'] };
    const right = hmac('sha256', 'key', body).toString('hex');
    const wrong = '0'.repeat(64);
    expect(word(settings, { 'x-sig': `v:1; sig:${wrong} ;sig: ${right};;x` })).toBe('verified');
    expect(word(settings, { 'x-sig': `other:${right}` })).toBe('401 SIGNATURE_WRONG');
    expect(word(settings, { 'x-sig': right })).toBe('401 SIGNATURE_WRONG');
  });

  it('is looked for among 32 entries, and 8,192 characters, at most', () => {
    const settings = { preset: 'standard-webhooks', keys: ['whsec_AAAA'] };
    const signature = `v1,${hmac('sha256', Buffer.from('AAAA', 'base64'), `id.${now}.${body}`).toString('base64')}`;
    const others = (count: number) => `${'v1,AAAA '.repeat(count)}${signature}`;
    const headers = { 'webhook-id': 'id', 'webhook-timestamp': String(now) };
    expect(word(settings, { ...headers, 'webhook-signature': others(31) })).toBe('verified');
    expect(word(settings, { ...headers, 'webhook-signature': others(32) })).toBe('401 SIGNATURE_WRONG');
    expect(word(settings, { ...headers, 'webhook-signature': others(1_000_000) })).toBe('401 SIGNATURE_WRONG');
    expect(word(settings, { ...headers, 'webhook-signature': `${signature} ${'x'.repeat(8_192)}` })).toBe(
      '401 SIGNATURE_WRONG',
    );
  });

  it('costs no time to speak of, whatever a header is filled with', () => {
    const settings = { preset: 'stripe', keys: ['key'] };
    const started = performance.now();
    for (let times = 0; times < 100; times += 1) {
      for (const filling of [' ', '\t', ',', '=', 'v1=', ' v1', 't=0,']) {
        const header = `t=0,v1=${filling.repeat(8_000 / filling.length)}x`;
        expect(word(settings, { 'stripe-signature': header })).toMatch(/^401/);
      }
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('is refused when its id could be read as a part of something else', () => {
    const settings = { preset: 'standard-webhooks', keys: ['whsec_AAAA'] };
    // What was signed: id "a", a body that holds a timestamp. What is claimed: an id that reaches into that body.
    const key = Buffer.from('AAAA', 'base64');
    const signature = `v1,${hmac('sha256', key, `a.${now}.x.${now}.forged`).toString('base64')}`;
    const headers = { 'webhook-timestamp': String(now), 'webhook-signature': signature };
    expect(word(settings, { ...headers, 'webhook-id': 'a' }, { body: `x.${now}.forged` })).toBe('verified');
    expect(word(settings, { ...headers, 'webhook-id': `a.${now}.x` }, { body: 'forged' })).toBe('401 SIGNATURE_WRONG');
  });
});

describe('a timestamp', () => {
  const settings = (unit: string, tolerance = '5m') => ({
    header: 'x-sig',
    signed: '{timestamp}{body}',
    timestamp: { header: 'x-time', unit, tolerance },
    keys: ['key'],
  });
  const headersAt = (time: string) => ({ 'x-time': time, 'x-sig': hmac('sha256', 'key', time, body).toString('hex') });
  const at = (ms: number) => ({
    seconds: String(Math.trunc((now * 1_000 + ms) / 1_000)),
    milliseconds: String(now * 1_000 + ms),
    rfc3339: new Date(now * 1_000 + ms).toISOString(),
  });

  it.each(['seconds', 'milliseconds', 'rfc3339'] as const)(
    'in %s may differ by the tolerance, and by no more',
    (unit) => {
      for (const ms of [0, 300_000, -300_000]) expect(word(settings(unit), headersAt(at(ms)[unit]))).toBe('verified');
      for (const ms of [301_000, -301_000, 1e9, -1e9]) {
        expect(word(settings(unit), headersAt(at(ms)[unit]))).toBe('401 SIGNATURE_EXPIRED');
      }
      expect(word(settings(unit, '10m'), headersAt(at(-301_000)[unit]))).toBe('verified');
    },
  );

  it('that is none is refused, though it is rightly signed', () => {
    for (const time of [
      'soon',
      '1e9',
      '-1',
      '+1700000000',
      '1700000000.0',
      '0x65',
      '99999999999999999999',
      'NaN',
      ' ',
    ]) {
      expect(word(settings('seconds'), headersAt(time))).toBe('401 SIGNATURE_WRONG');
    }
    for (const time of ['2023-11-14', '2023-02-30T00:00:00Z', '1700000000', '2023-11-14T22:13:60Z']) {
      expect(word(settings('rfc3339'), headersAt(time))).toBe('401 SIGNATURE_WRONG');
    }
    expect(word(settings('seconds'), headersAt(''))).toBe('401 SIGNATURE_MISSING');
  });

  it('that is old is told from a wrong signature', () => {
    const headers = { ...headersAt(at(-1e9).seconds), 'x-sig': '0'.repeat(64) };
    expect(word(settings('seconds'), headers)).toBe('401 SIGNATURE_WRONG');
  });
});
