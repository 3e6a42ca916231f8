import { type BridgeError, errorCatalogue } from '../core/errors.ts';

/** What can be said to a machine about an error: no stack, no secret. */
export interface ErrorRecord {
  readonly code: string;
  readonly disposition: string;
  readonly message: string;
  readonly hint?: string;
  /** Messages of what caused it, outermost first. */
  readonly causes?: readonly string[];
}

const deepestCause = 8;

function causes(error: Error): string[] {
  const messages: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && messages.length < deepestCause) {
    messages.push(cause instanceof Error ? cause.message : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return messages;
}

export function errorRecord(error: BridgeError): ErrorRecord {
  const because = causes(error);
  return {
    code: error.code,
    disposition: error.disposition,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(because.length === 0 ? {} : { causes: because }),
  };
}

/** What to do about an error: its own hint, else the catalogue's runbook, made concrete where it speaks of a feed. */
export function adviceFor(error: Pick<BridgeError, 'code' | 'hint'>, subject: string): string {
  if (error.hint !== undefined) return error.hint;
  const { runbook } = errorCatalogue[error.code];
  return subject.includes('/') ? runbook.replaceAll('PIPELINE/FEED', subject) : runbook;
}

/** `subject  CODE  message hint`, on one line. */
export function errorLine(subject: string, error: Pick<BridgeError, 'code' | 'message' | 'hint'>): string {
  const hint = error.hint === undefined ? '' : ` ${error.hint}`;
  return `${subject}  ${error.code}  ${sentence(error.message)}${hint}`;
}

/** Ends a text with a full stop, so that a hint can follow it. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
