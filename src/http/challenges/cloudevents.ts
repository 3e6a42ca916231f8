import type { Challenge } from '../../core/webhook.ts';
import { compileGlobs } from '../../kit/glob.ts';
import type { ChallengeAnswer, Question } from './challenge-answer.ts';

const originName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i;

/** The rate that is granted, in requests per minute; `*` is no limit. */
function grant(asked: string | undefined, most: number | undefined): string {
  if (asked === undefined || !/^[1-9]\d{0,8}$/.test(asked)) return most === undefined ? '*' : String(most);
  return most === undefined ? asked : String(Math.min(Number(asked), most));
}

/**
 * The handshake of the CloudEvents webhook specification: OPTIONS that asks for permission to send. The answer has it
 * or has it not; an address to call back (`WebHook-Request-Callback`) is never called, since anybody may name any.
 */
export function compileCloudEvents({
  origins,
  ratePerMinute,
}: Extract<Challenge, { kind: 'cloudevents' }>): (question: Question) => ChallengeAnswer | undefined {
  const isAllowed = compileGlobs(origins.map((origin) => origin.toLowerCase()));
  return ({ method, headers }) => {
    const origin = headers['webhook-request-origin'];
    if (method !== 'OPTIONS' || origin === undefined) return undefined;
    const allow = { allow: 'POST, OPTIONS' };
    if (origin.length > 253 || !originName.test(origin) || !isAllowed(origin.toLowerCase())) {
      return { status: 403, headers: allow, body: '' };
    }
    return {
      status: 200,
      headers: {
        ...allow,
        'webhook-allowed-origin': origin,
        'webhook-allowed-rate': grant(headers['webhook-request-rate'], ratePerMinute),
      },
      body: '',
    };
  };
}
