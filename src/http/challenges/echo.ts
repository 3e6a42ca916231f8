import type { Challenge } from '../../core/webhook.ts';
import { compileSecrets } from '../verify/same-secret.ts';
import { type ChallengeAnswer, plainText, type Question } from './challenge-answer.ts';

const longestEcho = 1_024;

/** GET with a parameter that is sent back, as text and as nothing else. */
export function compileEcho({
  parameter,
  token,
}: Extract<Challenge, { kind: 'echo' }>): (question: Question) => ChallengeAnswer | undefined {
  const isToken = token && compileSecrets(token.secrets);
  return ({ method, target }) => {
    const query = target.indexOf('?');
    if (method !== 'GET' || query === -1) return undefined;
    const parameters = new URLSearchParams(target.slice(query + 1));
    const [value, ...more] = parameters.getAll(parameter);
    if (value === undefined || value === '') return undefined;
    if (more.length > 0 || value.length > longestEcho || !/^[\x20-\x7e]*$/.test(value)) {
      return { status: 400, headers: plainText, body: '' };
    }
    const isKnown = isToken === undefined || isToken(parameters.get(token?.parameter ?? '') ?? '');
    return isKnown ? { status: 200, headers: plainText, body: value } : { status: 403, headers: plainText, body: '' };
  };
}
