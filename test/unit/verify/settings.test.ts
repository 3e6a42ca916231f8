import { describe, expect, it } from 'vitest';
import { toJsonSchema } from '../../../src/config/json-schema.ts';
import { compileVerification } from '../../../src/http/verify/compile.ts';
import { isAddressBlock } from '../../../src/kit/address-block.ts';
import { verificationPresets } from '../../../src/kit/verification-presets.ts';
import { verificationSettings } from '../../../src/kit/verification-settings.ts';
import { publicKey, symmetricKey } from './published-vectors.ts';
import { verificationOf } from './support.ts';

/** All that is said against a value, of whatever form it may be meant to be. */
function complaints(settings: unknown): string {
  return JSON.stringify(verificationSettings.safeParse(settings).error?.issues ?? 'accepted');
}

const stripe = { preset: 'stripe', keys: ['key'] };

describe('what stands under verify', () => {
  it('has defaults as most senders sign', () => {
    expect(verificationOf({ header: 'X-Sig', keys: ['key'] })).toMatchObject({
      header: 'x-sig',
      layout: { kind: 'plain' },
      signed: '{body}',
      signers: [{ label: '', algorithm: 'sha256', encoding: 'hex' }],
    });
  });

  it.each(Object.keys(verificationPresets))('has the preset %s, with keys alone', (preset) => {
    expect(verificationOf({ preset, keys: ['AAAA'] })).toMatchObject({ kind: 'signature' });
  });

  it.each([
    [{ header: 'X-Other' }, { header: 'x-other' }],
    [{ algorithm: 'sha512' }, { signers: [{ algorithm: 'sha512', label: 'v1' }] }],
    [{ encoding: 'base64' }, { signers: [{ encoding: 'base64', algorithm: 'sha256' }] }],
    [{ list: { name: 'v2' } }, { layout: { separator: ',', assign: '=' }, signers: [{ label: 'v2' }] }],
    [{ list: { separator: ';' } }, { layout: { separator: ';', assign: '=' }, signers: [{ label: 'v1' }] }],
    [{ signed: '{timestamp}{body}' }, { signed: '{timestamp}{body}' }],
    [{ timestamp: { tolerance: '1m' } }, { timestamp: { from: { entry: 't' }, unit: 'seconds', toleranceMs: 60_000 } }],
    [
      { timestamp: { entry: 'ts', unit: 'milliseconds' } },
      { timestamp: { from: { entry: 'ts' }, unit: 'milliseconds' } },
    ],
    [{ timestamp: { header: 'X-Time' } }, { timestamp: { from: { header: 'x-time' }, toleranceMs: 300_000 } }],
    [{ id: 'X-Id' }, { id: 'x-id' }],
    [{ keyFormat: { prefix: 'whsec_' } }, { signers: [{ keyFormat: { prefix: 'whsec_', encoding: 'utf8' } }] }],
    [{ keyFormat: { derive: 'sha256' } }, { signers: [{ keyFormat: { derive: 'sha256', encoding: 'utf8' } }] }],
  ])('replaces a part of a preset: %j', (part, expected) => {
    expect(verificationOf({ ...stripe, ...part })).toMatchObject(expected);
  });

  it('gives each key of Standard Webhooks to its kind', () => {
    const kinds = (...keys: readonly string[]) => {
      const scheme = verificationOf({ preset: 'standard-webhooks', keys });
      return scheme.kind === 'signature' && scheme.signers.map(({ label, keys: of }) => `${label}: ${of.length}`);
    };
    expect(kinds(symmetricKey)).toEqual(['v1: 1']);
    expect(kinds(publicKey)).toEqual(['v1a: 1']);
    expect(kinds(publicKey, symmetricKey, 'AAAA')).toEqual(['v1: 2', 'v1a: 1']);
  });

  it('may be a list, and is then all of it', () => {
    expect(verificationOf([{ bearer: ['a'] }])).toMatchObject({ kind: 'bearer' });
    expect(verificationOf([{ bearer: ['a'] }, stripe])).toMatchObject({ kind: 'all', of: [{}, { kind: 'signature' }] });
    expect(verificationOf('none')).toEqual({ kind: 'nobody' });
  });

  it.each([
    [{ keys: ['key'] }, 'expected the header that has the signature'],
    [{ ...stripe, keys: [] }, 'too_small'],
    [{ ...stripe, preset: 'strip' }, 'expected one of'],
    [{ ...stripe, heder: 'x' }, 'Unrecognized key'],
    [{ ...stripe, header: 'x y' }, 'expected an HTTP header name'],
    [{ ...stripe, prefix: 'v1=' }, 'expected a header: only a list has entries'],
    [{ ...stripe, prefix: 'v1=', list: {} }, 'expected either a prefix or a list'],
    [{ ...stripe, signed: '{body}' }, 'expected {timestamp} in it'],
    [{ ...stripe, signed: '{timestamp}' }, 'expected a text with {body} once'],
    [{ ...stripe, signed: '{timestamp}{body}{body}' }, 'expected a text with {body} once'],
    [{ ...stripe, signed: '{timestamp}{body}{token}' }, 'expected a text with {body} once'],
    [{ ...stripe, signed: '{timestamp}{body}{' }, 'expected a text with {body} once'],
    [{ ...stripe, signed: '{timestamp}{id}{body}' }, 'expected `id` for {id}'],
    [{ ...stripe, signed: '{timestamp}{url}{body}' }, 'expected `url` for {url}'],
    [{ ...stripe, timestamp: { header: 'a', entry: 'b' } }, 'expected either a header or an entry'],
    [{ header: 'x', keys: ['key'], signed: '{timestamp}{body}' }, 'expected `timestamp` for {timestamp}'],
    [{ header: 'x', keys: ['key'], timestamp: { unit: 'seconds' } }, 'expected the header or the entry that has it'],
    [{ header: 'x', keys: ['key'], list: {} }, 'expected the name of the entries'],
    [{ header: 'x', keys: ['key!'], keyFormat: { encoding: 'base64' } }, 'expected a key in base64'],
    [{ header: 'x', keys: ['abc'], keyFormat: { encoding: 'hex' } }, 'expected a key in hex'],
    [{ preset: 'standard-webhooks', keys: ['whsec_!'] }, 'expected a key in base64, after whsec_'],
    [{ preset: 'standard-webhooks', keys: ['whpk_AAAA'] }, 'expected a public ed25519 key'],
    [{ header: 'x', algorithm: 'ed25519', keys: ['-----BEGIN PUBLIC KEY-----'] }, 'expected a public ed25519 key'],
    [{ bearer: ['two words'] }, 'expected a token without spaces'],
    [{ bearer: ['a@b'] }, 'as Authorization has them'],
    [{ basic: { username: 'a:b', passwords: ['c'] } }, 'expected a user name without a colon'],
    [{ secretPath: ['short'] }, 'expected 16 to 256'],
    [{ certificate: { sha256: ['ab'] } }, 'expected a SHA-256 fingerprint'],
    [{ addresses: ['10.0.0.0/33'] }, 'expected an address or a block'],
    [[], 'too_small'],
    [['none'], 'expected one of'],
    ['non', 'or none, if anybody may send'],
    [undefined, 'or none, if anybody may send'],
  ])('says what is wrong with %j', (settings, expected) => {
    expect(complaints(settings)).toContain(expected);
    expect(complaints(settings)).not.toContain('whsec_!');
  });

  it('has a JSON Schema, with a word for every setting', () => {
    const schema = JSON.stringify(toJsonSchema(verificationSettings));
    for (const name of ['preset', 'tolerance', 'keyFormat', 'secretPath', 'commonNames', 'addresses']) {
      expect(schema).toContain(`"${name}"`);
    }
  });

  it('is refused by the compiler too, where somebody has made it by hand', () => {
    const scheme = verificationOf(stripe);
    if (scheme.kind !== 'signature') throw new Error('not a signature');
    for (const bad of [
      { ...scheme, signed: '' },
      { ...scheme, signers: [] },
    ]) {
      expect(() => compileVerification(bad, Date.now)).toThrow('verify: ');
    }
  });
});

it.each([
  ['10.0.0.0/8', true],
  ['10.0.0.1', true],
  ['0.0.0.0/0', true],
  ['::/0', true],
  ['::1', true],
  ['fe80::/10', true],
  ['10.0.0.0/', false],
  ['10.0.0.0/08', false],
  ['10.0.0.0/8/8', false],
  ['10.0.0/8', false],
  ['::/129', false],
  ['fe80::1%eth0', false],
  ['', false],
  ['example.com', false],
])('%j is an address or a block: %s', (written, is) => {
  expect(isAddressBlock(written)).toBe(is);
});
