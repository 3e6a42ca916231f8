import { BridgeError } from '../../core/errors.ts';

/**
 * What a broker's answer to an OAUTHBEARER token says against it: it refuses one by a JSON text (RFC 7628) in an answer
 * that is no error, and waits for us to say more.
 */
export function tokenRefusal(answer: Uint8Array | null): BridgeError | undefined {
  const text = Buffer.from(answer ?? []).toString();
  if (text === '') return undefined;
  return new BridgeError('BROKER_AUTH_REFUSED', `the broker refuses the access token (${statusIn(text)})`, {
    hint: 'Check that it is for this broker: issuer, audience, scope and the claims that the broker looks at.',
  });
}

function statusIn(text: string): string {
  try {
    const { status }: { status?: unknown } = JSON.parse(text);
    if (typeof status === 'string' && /^\w{1,40}$/.test(status)) return status;
  } catch {
    // Then it is not as the RFC has it.
  }
  return 'no reason given';
}
