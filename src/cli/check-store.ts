import { resolve } from 'node:path';
import { checkClaims } from '../claims/open-claims.ts';
import type { ClaimSettings } from '../core/claims.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';
import type { JudgeDisk } from './judge-disk.ts';

/**
 * Whether contents that are too large for events can be kept where they should be, and stay there when the container
 * goes. Keeps none.
 */
export async function checkStore(
  settings: ClaimSettings,
  baseDir: string,
  timeoutMs: number,
  judge: JudgeDisk,
): Promise<Finding> {
  const dir = settings.kind === 's3' ? undefined : resolve(baseDir, settings.dir);
  const subject =
    settings.kind === 's3' ? `s3://${settings.bucket}/${settings.prefix}` : resolve(baseDir, settings.dir);
  const late = () =>
    new BridgeError('CLAIMS_UNWRITABLE', `the store for contents gave no answer within ${timeoutMs / 1_000} s`);
  try {
    await bounded(timeoutMs, late, (signal) => checkClaims(settings, baseDir, signal));
    const found = dir === undefined ? 'durable' : await judge(dir);
    if (found === 'durable') return { severity: 'ok', subject, message: 'contents can be kept there' };
    return {
      severity: 'warning',
      subject,
      code: 'STATE_NOT_DURABLE',
      message: `contents can be kept there, but it is on ${found.notDurable}: with the container, those would be lost that events refer to`,
      hint: 'Mount a volume there, which consumers can read too, or keep contents in a bucket: store: { s3: … }.',
    };
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const { code, message } = error;
    return { severity: 'error', subject, code, message, hint: adviceFor(error, subject) };
  }
}
