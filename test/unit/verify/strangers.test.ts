import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { publicKey, symmetricKey } from './published-vectors.ts';
import { verifierAt } from './support.ts';

const ways: readonly unknown[] = [
  { preset: 'standard-webhooks', keys: [symmetricKey, publicKey] },
  { preset: 'github', keys: ['key'] },
  { preset: 'stripe', keys: ['key', 'other'] },
  { preset: 'slack', keys: ['key'] },
  { preset: 'fenergo', keys: ['key'] },
  { preset: 'os1', keys: ['key'] },
  { header: 'x-any', algorithm: 'ed25519', keys: [publicKey.replace('whpk_', '')], signed: '{method}{target}{body}' },
  { basic: { username: 'a', passwords: ['b'] } },
  { bearer: ['token'] },
  { bearer: ['token'], header: 'x-any' },
  { secretPath: ['0123456789abcdef'] },
  { certificate: { sha256: ['ab'.repeat(32)] } },
  { addresses: ['10.0.0.0/8'] },
];

const names = [
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-hub-signature-256', 'stripe-signature', 'x-any'],
  ...['x-slack-signature', 'x-slack-request-timestamp', 'x-fenx-signature', 'x-os1-signature', 'authorization'],
];

/** What a stranger may know: the form of everything, but no key. */
const shaped = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.constantFrom(
    '',
    ' ',
    ',',
    '=',
    't=',
    'v1=',
    't=0,v1=',
    'v1,',
    'v1a,',
    'sha256=',
    'v0=',
    'Basic',
    'Basic =',
    'Bearer ',
  ),
  fc.constantFrom('__proto__', 'constructor=x', 't=0,__proto__=y,v1=00', 'v1,__proto__ constructor,v1'),
  fc.stringMatching(/^(sha256=|v0=|t=0,v1=)?[0-9a-f]{64}$/),
  fc.stringMatching(/^v1a?,[A-Za-z0-9+/]{43}=$/),
  fc.stringMatching(/^v1a,[A-Za-z0-9+/]{86}==$/),
  fc.nat(1).map(String),
);

describe('a stranger', () => {
  it.each(ways)('is refused without a throw, whatever is sent: %j', (way) => {
    const verifier = verifierAt(0, way);
    const request = fc.record({
      headers: fc.dictionary(fc.constantFrom(...names), shaped, { maxKeys: names.length }),
      body: fc.uint8Array({ maxLength: 50 }),
      target: fc.oneof(fc.string(), fc.webPath()),
      method: fc.constantFrom('POST', 'GET', ''),
      remoteAddress: fc.oneof(fc.string(), fc.ipV6(), fc.constant('11.0.0.1')),
    });
    fc.assert(
      fc.property(request, (given) => {
        fc.pre(!given.remoteAddress.startsWith('10.'));
        const verdict = verifier.verify(receivedRequest(given));
        expect(verdict.kind).toBe('refused');
        expect(verdict.kind === 'refused' && [401, 403].includes(verdict.refusal.status)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(ways)('is told nothing of keys, nor sees its own words in our log: %j', (way) => {
    const headers = Object.fromEntries(names.map((name) => [name, 'stranger']));
    const verdict = verifierAt(0, way).verify(receivedRequest({ headers, target: '/stranger', remoteAddress: '::2' }));
    const text = verdict.kind === 'refused' ? verdict.refusal.error.message : '';
    expect(text).not.toMatch(/stranger|key,|0123456789abcdef|whsec_|whpk_|^$/);
  });
});
