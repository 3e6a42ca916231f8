import { hash } from 'node:crypto';

export function sha256hex(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}

/** Where parts are put one behind the other to be hashed at once: an object for each digest costs more than the copy. */
const scratch = Buffer.allocUnsafeSlow(256 * 1024);

/** SHA-256 of all parts, one behind the other. */
export function sha256Of(parts: readonly Uint8Array[], encoding: 'hex' | 'base64'): string {
  let end = 0;
  for (const part of parts) end += part.length;
  if (end > scratch.length) return hash('sha256', Buffer.concat(parts), encoding);
  end = 0;
  for (const part of parts) {
    scratch.set(part, end);
    end += part.length;
  }
  return hash('sha256', scratch.subarray(0, end), encoding);
}

/** An id derived from what names a thing: the first 32 hex characters of the SHA-256 of the parts as a JSON array. */
export function digestId(parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 32);
}
