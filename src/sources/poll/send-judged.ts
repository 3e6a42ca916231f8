import { BridgeError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import type { PollContext } from '../../core/poll-protocol.ts';
import type { Pace } from './pace.ts';

function isSame(request: HttpRequest, other: HttpRequest): boolean {
  return (
    request.path === other.path &&
    JSON.stringify(request.headers) === JSON.stringify(other.headers) &&
    Buffer.from(request.body ?? []).equals(Buffer.from(other.body ?? []))
  );
}

/**
 * Sends a request, and gives what is read of the answer. Credentials may be of their hour: one that is refused is made
 * again, and where it is another one now, it is sent at once, and once.
 */
export async function sendJudged<T>(
  pace: Pace,
  make: (context: PollContext) => HttpRequest,
  read: (response: HttpResponse) => T,
  position: string | undefined,
  signal: AbortSignal,
): Promise<T> {
  const sentAt = new Date();
  const request = make({ now: sentAt, position });
  const response = await pace.send(request, signal);
  try {
    return read(response);
  } catch (error) {
    if (!(error instanceof BridgeError) || error.code !== 'AUTH_REFUSED') throw error;
    const another = make({ now: new Date(), position, refusedAt: sentAt });
    if (isSame(request, another)) throw error;
    return read(await pace.send(another, signal));
  }
}
