import type { ErrorCode } from './errors.ts';

/** What `check` has to say about one thing. `subject`: `file:line:column`, a feed, a broker or a folder. */
export type Finding =
  | { readonly severity: 'ok'; readonly subject: string; readonly message: string }
  | {
      readonly severity: 'error' | 'warning';
      readonly subject: string;
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint?: string | undefined;
      /** A shell command that mends it, for people to read and to run. */
      readonly command?: string | undefined;
    };
