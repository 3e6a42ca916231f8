import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receivedRequest } from '../../support/webhook/received-request.ts';
import { type PublishedVector, publishedVectors } from './published-vectors.ts';
import { verifierAt, wordFor } from './support.ts';

function verdictOf({ verify, at }: PublishedVector, headers: PublishedVector['headers'], body: string | Uint8Array) {
  return wordFor(verifierAt(at, verify).verify(receivedRequest({ headers, body })));
}

/** Another text: a character more, one less, or one that is not the same in any case. */
function mutate(text: string, { at, how, by }: { at: number; how: string; by: string }): string {
  const place = at % Math.max(1, text.length);
  if (how === 'insert') return text.slice(0, place) + by + text.slice(place);
  if (how === 'delete') return text.slice(0, place) + text.slice(place + 1);
  const old = text.charAt(place);
  const other = old.toLowerCase() === by.toLowerCase() ? (by === 'x' ? 'y' : 'x') : by;
  return text.slice(0, place) + other + text.slice(place + 1);
}

const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('insert', 'delete', 'replace'),
  by: fc.oneof(
    fc.constantFrom('=', '+', '/', '-', '_', '0', 'a', 'A', '.', ' '),
    fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  ),
});

/** The signature alone, in its place in the header. */
function signatureIn(vector: PublishedVector): { before: string; signature: string; after: string } {
  const header = vector.headers[vector.header] ?? '';
  const [match, before = '', signature = '', after = ''] =
    /^(t=\d+,v1=|v1a?,|sha256=|v0=)([^,\s]+)(.*)$/s.exec(header) ?? [];
  expect(match).toBe(header);
  return { before, signature, after };
}

describe.each(publishedVectors)('$name', (vector) => {
  it('is refused after any change of its body', () => {
    fc.assert(
      fc.property(mutation, fc.integer({ min: 0, max: 255 }), (change, value) => {
        const bytes = [...Buffer.from(vector.body)];
        const place = change.at % bytes.length;
        if (change.how === 'insert') bytes.splice(place, 0, value);
        else if (change.how === 'delete') bytes.splice(place, 1);
        else bytes[place] = ((bytes[place] ?? 0) + 1 + (value % 255)) % 256;
        fc.pre(!Buffer.from(bytes).equals(Buffer.from(vector.body)));
        expect(verdictOf(vector, vector.headers, Buffer.from(bytes))).toBe('401 SIGNATURE_WRONG');
      }),
    );
  });

  it('is refused after any change of its signature', () => {
    const { before, signature, after } = signatureIn(vector);
    fc.assert(
      fc.property(mutation, (change) => {
        const changed = mutate(signature, change);
        // White space around an entry, or between two, and padding that is left out say nothing else.
        const entry =
          vector.header === 'webhook-signature'
            ? (changed.split(' ')[0] ?? '')
            : changed.replace(/^[ \t]+|[ \t]+$/g, '');
        fc.pre(entry.replace(/=+$/, '') !== signature.replace(/=+$/, ''));
        const headers = { ...vector.headers, [vector.header]: before + changed + after };
        expect(verdictOf(vector, headers, vector.body)).toBe('401 SIGNATURE_WRONG');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused after any change of its timestamp or id', () => {
    const header = vector.headers[vector.header] ?? '';
    const names = Object.keys(vector.headers).filter((name) => name !== vector.header);
    const parts = header.startsWith('t=') ? [...names, 't='] : names;
    expect(parts.length === 0).toBe(vector.verify.preset === 'github');
    if (parts.length === 0) return;
    fc.assert(
      fc.property(mutation, fc.constantFrom(...parts), (change, name) => {
        const isEntry = name === 't=';
        const [, old = ''] = isEntry ? (/^t=(\d+)/.exec(header) ?? []) : ['', vector.headers[name]];
        const changed = mutate(old, change);
        fc.pre(changed.trim() !== old);
        const value = isEntry ? header.replace(old, changed) : changed;
        const word = verdictOf(vector, { ...vector.headers, [isEntry ? vector.header : name]: value }, vector.body);
        expect(word).toMatch(/^401 SIGNATURE_(WRONG|MISSING)$/);
      }),
    );
  });

  it('is refused when its signature is cut to any length, or goes on', () => {
    const { before, signature } = signatureIn(vector);
    for (let length = 0; length < 3 * signature.length; length += 1) {
      const cut = signature.repeat(3).slice(0, length);
      if (cut.replace(/=+$/, '') === signature.replace(/=+$/, '')) continue;
      const headers = { ...vector.headers, [vector.header]: before + cut };
      expect(verdictOf(vector, headers, vector.body)).toBe('401 SIGNATURE_WRONG');
    }
  });

  it('is refused with any other character near its end, though a lenient decoder sees the same bytes', () => {
    const { before, signature, after } = signatureIn(vector);
    const last = signature.replace(/=+$/, '').length - 1;
    for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_ ') {
      if (character.toLowerCase() === signature.charAt(last).toLowerCase()) continue;
      const changed = signature.slice(0, last) + character + signature.slice(last + 1);
      const headers = { ...vector.headers, [vector.header]: before + changed + after };
      expect(verdictOf(vector, headers, vector.body)).toBe('401 SIGNATURE_WRONG');
    }
  });

  it('is refused without any one of its headers', () => {
    for (const name of Object.keys(vector.headers)) {
      const headers = Object.fromEntries(Object.entries(vector.headers).filter(([other]) => other !== name));
      expect(verdictOf(vector, headers, vector.body)).toBe('401 SIGNATURE_MISSING');
    }
  });

  it('is refused when one of its headers was sent twice, unless the second is another signature', () => {
    for (const [name, value] of Object.entries(vector.headers)) {
      const headers = { ...vector.headers, [name]: `${value}, ${value}` };
      const word = verdictOf(vector, headers, vector.body);
      const isListOfSignatures = name === 'webhook-signature';
      expect(word).toMatch(isListOfSignatures ? /^(verified|401 SIGNATURE_WRONG)$/ : /^401 SIGNATURE_(WRONG|MISSING)$/);
    }
  });
});
