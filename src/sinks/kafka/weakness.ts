import type { ErrorCode } from '../../core/errors.ts';

/** What is not good about a topic. */
export interface Weakness {
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  /** Goes on after "topic NAME". */
  readonly message: string;
  readonly hint: string;
  /** What the topic should have instead, as in `min.insync.replicas=2`. Absent where a setting alone does not mend it. */
  readonly setting?: string;
}
