import type { Challenge, VerifiedRequest } from '../../core/webhook.ts';
import type { ChallengeAnswer, Question } from './challenge-answer.ts';
import { compileCloudEvents } from './cloudevents.ts';
import { compileEcho } from './echo.ts';
import { answerSlack } from './slack.ts';

/** Compiled once for a path. Undefined: this is no challenge. Never throws. */
export interface Challenges {
  /** Of what nobody signs: to be asked before anything else, without a body. */
  answer(question: Question): ChallengeAnswer | undefined;
  /** Of what only the right sender may ask: to be asked once it is verified, instead of taking its records. */
  answerVerified(request: VerifiedRequest): ChallengeAnswer | undefined;
}

export function compileChallenges(challenges: readonly Challenge[]): Challenges {
  const questions = challenges.flatMap((challenge) => {
    if (challenge.kind === 'cloudevents') return [compileCloudEvents(challenge)];
    return challenge.kind === 'echo' ? [compileEcho(challenge)] : [];
  });
  const isSlack = challenges.some(({ kind }) => kind === 'slack');
  return {
    answer(question) {
      for (const ask of questions) {
        const answer = ask(question);
        if (answer !== undefined) return answer;
      }
      return undefined;
    },
    answerVerified: (request) => (isSlack ? answerSlack(request) : undefined),
  };
}
