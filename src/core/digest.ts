import { hash } from 'node:crypto';

export function sha256hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** An id derived from what names a thing: the first 32 hex characters of the SHA-256 of the parts as a JSON array. */
export function digestId(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}
