import type { SignatureScheme } from '../../core/verification.ts';
import { isRfc3339 } from '../../kit/rfc3339.ts';

type Unit = NonNullable<SignatureScheme['timestamp']>['unit'];

/** Milliseconds since the epoch; undefined when the text is no such timestamp. */
export function parseTimestamp(text: string, unit: Unit): number | undefined {
  if (unit === 'rfc3339') {
    const time = isRfc3339(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(time) ? undefined : time;
  }
  if (!/^\d{1,15}$/.test(text)) return undefined;
  return unit === 'seconds' ? Number(text) * 1_000 : Number(text);
}
