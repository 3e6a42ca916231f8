import { resolve } from 'node:path';
import { checkClaims } from '../claims/open-claims.ts';
import type { ClaimSettings } from '../core/claims.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';

/** Whether contents that are too large for events can be kept where they should be. Keeps none. */
export async function checkStore(settings: ClaimSettings, baseDir: string, timeoutMs: number): Promise<Finding> {
  const subject =
    settings.kind === 's3' ? `s3://${settings.bucket}/${settings.prefix}` : resolve(baseDir, settings.dir);
  const late = () =>
    new BridgeError('CLAIMS_UNWRITABLE', `the store for contents gave no answer within ${timeoutMs / 1_000} s`);
  try {
    await bounded(timeoutMs, late, (signal) => checkClaims(settings, baseDir, signal));
    return { severity: 'ok', subject, message: 'contents can be kept there' };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const { code, message } = error;
    return { severity: 'error', subject, code, message, hint: adviceFor(error, subject) };
  }
}
