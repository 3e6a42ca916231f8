import type { Hook } from '../../core/hook.ts';
import type { Verifier } from '../../core/verification.ts';
import { type Challenges, compileChallenges } from '../challenges/compile.ts';
import { compileVerification } from '../verify/compile.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** A hook with all that is compiled once for it. */
export interface OpenHook extends Hook {
  readonly verifier: Verifier;
  readonly challenges: Challenges;
  readonly rateLimit?: RateLimit;
}

export function openHook(hook: Hook): OpenHook {
  const { verification, challenges, rate } = hook.arrival;
  return {
    ...hook,
    verifier: compileVerification(verification, Date.now),
    challenges: compileChallenges(challenges),
    ...(rate && { rateLimit: createRateLimit(rate) }),
  };
}
