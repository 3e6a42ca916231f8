import type { VerifiedRequest } from '../../core/webhook.ts';
import type { ChallengeAnswer } from './challenge-answer.ts';

const largestBody = 8 * 1024;

/** Parses only what can be one, so that events are not parsed twice. */
function challengeIn(body: Uint8Array): string | undefined {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
  if (!text.includes('url_verification')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null || !('type' in parsed) || !('challenge' in parsed))
      return undefined;
    const { type, challenge } = parsed;
    return type === 'url_verification' && typeof challenge === 'string' ? challenge : undefined;
  } catch {
    return undefined;
  }
}

/** A body of the type url_verification, from Slack as its signature has proved, is answered with the challenge in it. */
export function answerSlack({ method, body }: VerifiedRequest): ChallengeAnswer | undefined {
  if (method !== 'POST' || body.length > largestBody) return undefined;
  const challenge = challengeIn(body);
  if (challenge === undefined) return undefined;
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ challenge }) };
}
