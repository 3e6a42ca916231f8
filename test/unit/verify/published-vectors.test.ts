import { describe, expect, it } from 'vitest';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { publicKey, publishedVectors, symmetricKey } from './published-vectors.ts';
import { verifierAt, wordFor } from './support.ts';

describe('published signatures', () => {
  it.each(publishedVectors)('$name', ({ verify, headers, body, at }) => {
    expect(wordFor(verifierAt(at, verify).verify(receivedRequest({ headers, body })))).toBe('verified');
  });

  it.each(publishedVectors)('is refused with another key: $name', ({ verify, headers, body, at }) => {
    const key = verify.keys[0] === publicKey ? 'whpk_AAAAC3NzaC1lZDI1NTE5AAAAIPyyyyyyyyyyyyyyyyw=' : 'whsec_AAAA';
    expect(wordFor(verifierAt(at, { ...verify, keys: [key] }).verify(receivedRequest({ headers, body })))).toBe(
      '401 SIGNATURE_WRONG',
    );
  });

  it('takes either of the two of Standard Webhooks where both kinds of key are live', () => {
    const verifier = verifierAt(1_614_265_330, { preset: 'standard-webhooks', keys: [publicKey, symmetricKey] });
    for (const { headers, body, verify } of publishedVectors) {
      if (verify.preset !== 'standard-webhooks') continue;
      expect(wordFor(verifier.verify(receivedRequest({ headers, body })))).toBe('verified');
    }
  });

  it('takes the key of Standard Webhooks without its prefix', () => {
    const [vector] = publishedVectors;
    const verify = { preset: 'standard-webhooks', keys: [symmetricKey.replace('whsec_', '')] };
    const request = receivedRequest({ headers: vector?.headers ?? {}, body: vector?.body ?? '' });
    expect(wordFor(verifierAt(1_614_265_330, verify).verify(request))).toBe('verified');
  });
});
