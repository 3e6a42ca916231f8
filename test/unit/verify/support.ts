import type { Verdict, Verification } from '../../../src/core/verification.ts';
import { compileVerification } from '../../../src/http/verify/compile.ts';
import { verificationSettings } from '../../../src/kit/verification-settings.ts';

/** What `verify:` means; texts stand for secrets. */
export function verificationOf(settings: unknown): Verification {
  return verificationSettings.parse(settings);
}

/** A verifier at a fixed time, in seconds since the epoch. */
export function verifierAt(seconds: number, settings: unknown) {
  return compileVerification(verificationOf(settings), () => seconds * 1_000);
}

/** `verified`, `replayed`, or the status and code of a refusal. */
export function wordFor(verdict: Verdict): string {
  return verdict.kind === 'refused' ? `${verdict.refusal.status} ${verdict.refusal.error.code}` : verdict.kind;
}
