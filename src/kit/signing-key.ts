import { createPublicKey, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { KeyFormat, Signer } from '../core/verification.ts';

const canonical = {
  hex: /^(?:[0-9a-f]{2})+$/i,
  base64: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/,
} as const;

/** What stands before the key that an ed25519 public key has in DER. */
const publicKeyHeader = Buffer.from('302a300506032b6570032100', 'hex');

function bytesOf(text: string, { encoding }: KeyFormat): Buffer | undefined {
  if (encoding === 'utf8') return Buffer.from(text);
  if (encoding === 'pem' || text === '' || !canonical[encoding].test(text)) return undefined;
  return Buffer.from(text, encoding);
}

function publicKeyOf(text: string, format: KeyFormat): KeyObject | undefined {
  try {
    if (text.includes('-----BEGIN ')) {
      const key = createPublicKey(text);
      return key.asymmetricKeyType === 'ed25519' ? key : undefined;
    }
    const bytes = bytesOf(text, format);
    if (bytes?.length !== 32) return undefined;
    return createPublicKey({ key: Buffer.concat([publicKeyHeader, bytes]), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** The key that a text of the configuration stands for; undefined when it is none of the format. */
export function parseSigningKey(
  text: string,
  { algorithm, keyFormat }: Pick<Signer, 'algorithm' | 'keyFormat'>,
): KeyObject | undefined {
  const { prefix, derive } = keyFormat;
  const bare = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  if (algorithm === 'ed25519') return publicKeyOf(bare, keyFormat);
  const bytes = bytesOf(bare, keyFormat);
  if (bytes === undefined) return undefined;
  if (derive === 'none') return createSecretKey(bytes);
  const digest = hash('sha256', bytes, 'hex');
  return createSecretKey(digest, derive === 'sha256' ? 'hex' : 'utf8');
}
