import { hash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../core/secret.ts';

/**
 * Whether a text is one of the secrets. Digests are compared, and always all of them: the time taken tells nothing about
 * length, content or place of a secret.
 */
export function compileSecrets(secrets: readonly Secret[]): (given: string) => boolean {
  const digests = secrets.map((secret) => hash('sha256', secret.reveal(), 'buffer'));
  return (given) => {
    const digest = hash('sha256', given, 'buffer');
    let found = false;
    for (const expected of digests) found = timingSafeEqual(digest, expected) || found;
    return found;
  };
}
