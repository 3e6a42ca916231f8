import type { ReceivedRequest, VerifiedRequest } from '../../../src/core/webhook.ts';
import { compileVerification } from '../../../src/http/verify/compile.ts';

type Given = Partial<Omit<ReceivedRequest, 'body'>> & { readonly body?: string | Uint8Array };

/** A POST as the listener would hand it over. */
export function receivedRequest({ body = '', ...given }: Given = {}): ReceivedRequest {
  return {
    method: 'POST',
    target: '/hooks/test',
    headers: {},
    remoteAddress: '127.0.0.1',
    receivedAt: new Date(0),
    body: typeof body === 'string' ? Buffer.from(body) : body,
    ...given,
  };
}

/** For tests of what comes after the verification. */
export function verifiedRequest(given: Given = {}): VerifiedRequest {
  const verdict = compileVerification({ kind: 'nobody' }, Date.now).verify(receivedRequest(given));
  if (verdict.kind !== 'verified') throw new Error(`the request is ${verdict.kind}`);
  return verdict.request;
}
