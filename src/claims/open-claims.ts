import { resolve } from 'node:path';
import type { ClaimSettings, OpenClaims } from '../core/claims.ts';
import { BridgeError } from '../core/errors.ts';
import { checkDirectory } from './check-directory.ts';
import { openDirectoryStore } from './directory-store.ts';

type S3Module = typeof import('./s3-store.ts');

const loadS3 = (): Promise<S3Module> => import('./s3-store.ts');

/** Stores are closed with `resources`. `baseDir`: what relative paths of the configuration refer to. */
export function claimsOpener(baseDir: string, resources: AsyncDisposableStack, load = loadS3): OpenClaims {
  return async (settings) => {
    if (settings.kind === 's3') return resources.use((await loaded(load)).openS3Store(settings));
    const { dir } = settings;
    return resources.use(await openDirectoryStore({ ...settings, dir: resolve(baseDir, dir), now: Date.now }));
  };
}

/**
 * Whether contents can be kept there, without keeping any. Rejects with CLAIMS_UNWRITABLE, or CONFIG_INVALID where what
 * it needs is not installed.
 */
export async function checkClaims(
  settings: ClaimSettings,
  baseDir: string,
  signal: AbortSignal,
  load = loadS3,
): Promise<void> {
  if (settings.kind === 's3') await (await loaded(load)).checkS3Store(settings, signal);
  else await checkDirectory(resolve(baseDir, settings.dir));
}

/** Its library is an optional dependency. */
async function loaded(load: () => Promise<S3Module>): Promise<S3Module> {
  try {
    return await load();
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND')) throw thrown;
    const message = 'a store in a bucket needs the package @aws-sdk/client-s3, which is not installed';
    throw new BridgeError('CONFIG_INVALID', message, {
      hint: 'Install it beside feedferry: npm install @aws-sdk/client-s3. Or keep contents in a folder: store: { dir: … }.',
    });
  }
}
