import { createHmac, hash, type KeyObject, timingSafeEqual, verify } from 'node:crypto';
import type { Signer } from '../../core/verification.ts';

/** What is signed: text (a character a byte) around the body. */
export interface SignedContent {
  readonly before: string;
  readonly body: Uint8Array;
  readonly after: string;
  /** What keys have made of it so far. */
  readonly made: Map<KeyObject, string>;
}

/** One live key. */
export interface SignatureKey {
  /** Whether one of the candidates is its signature of the content. Never throws. */
  matches(content: SignedContent, candidates: readonly string[]): boolean;
  /** Names the content: equal for equal contents, and for those alone. */
  fingerprint(content: SignedContent): string;
}

type Encoding = Signer['encoding'];

const digestBytes = { sha1: 20, sha256: 32, sha512: 64, ed25519: 64 } as const;

/** How a text of so many bytes looks in the encoding, whatever a sender's taste; undefined: it has another length. */
function compileNormalise(encoding: Encoding, bytes: number): (text: string) => string | undefined {
  if (encoding === 'hex') return (text) => (text.length === 2 * bytes ? text.toLowerCase() : undefined);
  const bare = Math.ceil((bytes * 4) / 3);
  const padding = '='.repeat((4 - (bare % 4)) % 4);
  return (text) => {
    if (text.length === bare) return text;
    return text.length === bare + padding.length && text.endsWith(padding) ? text.slice(0, bare) : undefined;
  };
}

function sameText(a: Buffer, text: string): boolean {
  const b = Buffer.from(text);
  return a.length === b.length && timingSafeEqual(a, b);
}

function hmacKey(key: KeyObject, algorithm: Exclude<Signer['algorithm'], 'ed25519'>, encoding: Encoding): SignatureKey {
  const normalise = compileNormalise(encoding, digestBytes[algorithm]);

  /** Made as text at once: cheaper than the bytes. */
  function sign({ before, body, after, made }: SignedContent): string {
    const known = made.get(key);
    if (known !== undefined) return known;
    const hmac = createHmac(algorithm, key);
    if (before !== '') hmac.update(before, 'latin1');
    hmac.update(body);
    if (after !== '') hmac.update(after, 'latin1');
    const text = hmac.digest(encoding);
    made.set(key, text);
    return text;
  }

  return {
    matches(content, candidates) {
      let expected: Buffer | undefined;
      for (const candidate of candidates) {
        const given = normalise(candidate);
        if (given === undefined) continue;
        expected ??= Buffer.from(normalise(sign(content)) ?? '');
        if (sameText(expected, given)) return true;
      }
      return false;
    },
    fingerprint: sign,
  };
}

/** More signatures by one key are not looked at: each costs as much as 20 HMACs. */
const mostPublicKeyTries = 4;

function publicKey(key: KeyObject, encoding: Encoding): SignatureKey {
  const normalise = compileNormalise(encoding, digestBytes.ed25519);
  const bytesOf = ({ before, body, after }: SignedContent) =>
    Buffer.concat([Buffer.from(before, 'latin1'), body, Buffer.from(after, 'latin1')]);

  /** Bytes that would be written otherwise are not the signature that was made. */
  function signatureOf(candidate: string): Buffer | undefined {
    const given = normalise(candidate);
    if (given === undefined) return undefined;
    const bytes = Buffer.from(given, encoding);
    return normalise(bytes.toString(encoding)) === given ? bytes : undefined;
  }

  return {
    matches(content, candidates) {
      const signatures = candidates.slice(0, mostPublicKeyTries).map(signatureOf);
      if (signatures.every((signature) => signature === undefined)) return false;
      const bytes = bytesOf(content);
      return signatures.some((signature) => signature !== undefined && verify(null, bytes, key, signature));
    },
    fingerprint: (content) => hash('sha256', bytesOf(content), 'base64'),
  };
}

export function openSignatureKey(key: KeyObject, { algorithm, encoding }: Signer): SignatureKey {
  return algorithm === 'ed25519' ? publicKey(key, encoding) : hmacKey(key, algorithm, encoding);
}
