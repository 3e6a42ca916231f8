import type { ErrorCode } from '../../core/errors.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Refusal } from '../../core/verification.ts';
import type { ReceivedRequest } from '../../core/webhook.ts';

/** What one way of verifying says. `fingerprint` names what was signed, where it was dated: the same again is a replay. */
export type Judgement =
  | { readonly kind: 'passed'; readonly fingerprint?: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Never throws. */
export type Judge = (request: ReceivedRequest) => Judgement;

export const passed: Judgement = { kind: 'passed' };

/** Made once, and not for each request: nothing of it depends on what a stranger sends. */
export function refusal(
  status: Refusal['status'],
  code: ErrorCode,
  message: string,
  authenticate?: string,
): Extract<Judgement, { kind: 'refused' }> {
  const error = new BridgeError(code, message);
  return { kind: 'refused', refusal: { status, error, ...(authenticate === undefined ? {} : { authenticate }) } };
}
