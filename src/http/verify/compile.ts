import type { Verification, Verifier } from '../../core/verification.ts';
import type { ReceivedRequest, VerifiedRequest } from '../../core/webhook.ts';
import { compileBasic, compileBearer, compileSecretPath } from './credentials.ts';
import { type Judge, passed } from './judgement.ts';
import { compileAddresses, compileCertificate } from './origin.ts';
import { createReplayMemory } from './replay-memory.ts';
import { compileSignature } from './signature.ts';

function compileJudge(verification: Verification, now: () => number): Judge {
  switch (verification.kind) {
    case 'signature':
      return compileSignature(verification, now);
    case 'basic':
      return compileBasic(verification);
    case 'bearer':
      return compileBearer(verification);
    case 'path':
      return compileSecretPath(verification);
    case 'certificate':
      return compileCertificate(verification);
    case 'address':
      return compileAddresses(verification);
    case 'all':
      return compileAll(verification.of.map((each) => compileJudge(each, now)));
    case 'nobody':
      return () => passed;
  }
}

/** The first refusal stands. */
function compileAll(judges: readonly Judge[]): Judge {
  return (request) => {
    const fingerprints: string[] = [];
    for (const judge of judges) {
      const judgement = judge(request);
      if (judgement.kind === 'refused') return judgement;
      if (judgement.fingerprint !== undefined) fingerprints.push(judgement.fingerprint);
    }
    return fingerprints.length === 0 ? passed : { kind: 'passed', fingerprint: fingerprints.join(' ') };
  };
}

/** For how long the same fingerprint can pass: from the far end of the tolerance to the other. */
function replayWindowMs(verification: Verification): number {
  if (verification.kind === 'all') return Math.max(0, ...verification.of.map(replayWindowMs));
  return verification.kind === 'signature' ? 2 * (verification.timestamp?.toleranceMs ?? 0) : 0;
}

/**
 * The only maker of verified requests. `now` gives milliseconds since the epoch. Throws CONFIG_INVALID for a
 * verification that the settings would not have let through.
 */
export function compileVerification(verification: Verification, now: () => number): Verifier {
  const judge = compileJudge(verification, now);
  const settled = createReplayMemory(replayWindowMs(verification), now);
  const fingerprints = new WeakMap<ReceivedRequest, string>();

  return {
    verify(request) {
      const judgement = judge(request);
      if (judgement.kind === 'refused') return judgement;
      const { fingerprint } = judgement;
      if (fingerprint !== undefined) {
        if (settled.has(fingerprint)) return { kind: 'replayed' };
        fingerprints.set(request, fingerprint);
      }
      return { kind: 'verified', request: request as VerifiedRequest };
    },
    settled(request) {
      const fingerprint = fingerprints.get(request);
      if (fingerprint !== undefined) settled.add(fingerprint);
    },
  };
}
