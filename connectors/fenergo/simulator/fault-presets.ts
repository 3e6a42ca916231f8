import type { Fault } from './faults.ts';

/** Faults by the names that people use for them on the command line. */
export const faultPresets: Readonly<Record<string, Fault>> = {
  '5xx': { kind: 'status', status: 503 },
  'rate-limited': { kind: 'status', status: 429, retryAfterS: 2 },
  'rate-limited-until': { kind: 'status', status: 429, retryAfterS: 2, retryAfterAs: 'date' },
  unauthorised: { kind: 'status', status: 401 },
  'wrong-case': { kind: 'status', status: 404 },
  hang: { kind: 'hang' },
  reset: { kind: 'reset' },
  truncated: { kind: 'truncate' },
  html: { kind: 'html' },
  'complete-500-after': { call: 'complete', kind: 'status', status: 500, worked: true },
  'complete-hangs-after': { call: 'complete', kind: 'hang', worked: true },
  'complete-404': { call: 'complete', kind: 'status', status: 404 },
  'slow-discard': { call: 'discardAll', kind: 'hang' },
  'unknown-fields': { kind: 'unknown-fields' },
  garbled: { kind: 'garble' },
  'foreign-complete': { kind: 'foreign-complete' },
  'token-expiry': { kind: 'expire-tokens' },
  'reused-batch-id': { kind: 'reuse-batch-id' },
};
