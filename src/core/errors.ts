import { brokerErrors } from './catalogue/broker.ts';
import { configErrors } from './catalogue/config.ts';
import { contentErrors } from './catalogue/content.ts';
import type { CatalogueEntry, Disposition } from './catalogue/entry.ts';
import { mailboxErrors } from './catalogue/mailbox.ts';
import { operationErrors } from './catalogue/operation.ts';
import { recordErrors } from './catalogue/record.ts';
import { requestErrors } from './catalogue/request.ts';
import { stateErrors } from './catalogue/state.ts';
import { streamErrors } from './catalogue/stream.ts';
import { upstreamErrors } from './catalogue/upstream.ts';
import { webhookErrors } from './catalogue/webhook.ts';

/** Every error code there is. docs/errors.md is generated from it. */
export const errorCatalogue = {
  ...configErrors,
  ...stateErrors,
  ...upstreamErrors,
  ...streamErrors,
  ...webhookErrors,
  ...mailboxErrors,
  ...requestErrors,
  ...contentErrors,
  ...recordErrors,
  ...brokerErrors,
  ...operationErrors,
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface ErrorDetails {
  /** What to do, in a sentence, when the catalogue's general advice can be made concrete. */
  readonly hint?: string;
  /** How long the other side asked us to wait. Whoever tries again waits so long at least, up to 15 minutes. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/**
 * The only error that crosses a module border. Its code gives the disposition and the runbook paragraph.
 * The message says what happened and where; it never carries a secret.
 */
export class BridgeError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'BridgeError';
    this.code = code;
    this.hint = details.hint;
    this.retryAfterMs = details.retryAfterMs;
  }

  get disposition(): Disposition {
    return errorCatalogue[this.code].disposition;
  }
}

/** For a border that must not let a stranger's error through: what is not ours is a bug, and fatal. */
export function toBridgeError(error: unknown): BridgeError {
  if (error instanceof BridgeError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new BridgeError('INTERNAL', message, { cause: error });
}
