import type { ErrorCode } from '../../core/errors.ts';

/** Something about a queue or exchange that people should know, as the end of a sentence that begins with its name. */
export interface Weakness {
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}
