import { resolve } from 'node:path';
import type { OpenClaims } from '../core/claims.ts';
import { openDirectoryStore } from './directory-store.ts';

/** Stores are closed with `resources`. `baseDir`: what relative paths of the configuration refer to. */
export function claimsOpener(baseDir: string, resources: AsyncDisposableStack): OpenClaims {
  return async (settings) => {
    const { dir } = settings;
    return resources.use(await openDirectoryStore({ ...settings, dir: resolve(baseDir, dir), now: Date.now }));
  };
}
