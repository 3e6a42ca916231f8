import { Agent, type ClientRequest, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

/** How a request is sent. `cut`: half of its body, and then nothing but a broken connection. */
export type Manner = 'plain' | 'slow' | 'cut' | 'impatient';

export interface Post {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly manner: Manner;
}

/** `status` 0: there was none. */
export interface Answer {
  readonly status: number;
  readonly retryAfterMs: number;
}

const none: Answer = { status: 0, retryAfterMs: 0 };
const pieceMs = 20;
const pieces = 5;

export interface Poster extends Disposable {
  /** Never rejects. */
  post(post: Post, signal: AbortSignal): Promise<Answer>;
}

/** The body in pieces, with time between them; `most` of the pieces. */
function dribble(outgoing: ClientRequest, body: Buffer, most: number, then: () => void): void {
  const size = Math.max(1, Math.ceil(body.length / pieces));
  const send = (piece: number): void => {
    if (outgoing.destroyed) return;
    const isLast = piece >= most || piece * size >= body.length;
    if (!isLast) outgoing.write(body.subarray(piece * size, (piece + 1) * size));
    if (isLast) then();
    else setTimeout(send, pieceMs, piece + 1);
  };
  send(0);
}

/** Keeps connections alive between requests to one URL. */
export function createPoster(url: string, concurrency: number, timeoutMs: number): Poster {
  const isTls = url.startsWith('https:');
  const options = { keepAlive: true, maxSockets: concurrency };
  const agent = isTls ? new TlsAgent(options) : new Agent(options);
  return {
    post({ headers, body, manner }, signal) {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const length = { 'content-length': String(body.length) };
      const outgoing = (isTls ? tlsRequest : request)(url, {
        method: 'POST',
        agent,
        signal,
        headers: { ...headers, ...length },
      });
      outgoing.setTimeout(timeoutMs, () => outgoing.destroy());
      outgoing.once('error', () => resolve(none)).once('close', () => resolve(none));
      outgoing.once('response', (response) => {
        const seconds = Number(response.headers['retry-after'] ?? 0);
        const answer = { status: response.statusCode ?? 0, retryAfterMs: seconds > 0 ? seconds * 1_000 : 0 };
        response
          .resume()
          .once('end', () => resolve(answer))
          .once('error', () => resolve(answer));
      });
      if (manner === 'slow') dribble(outgoing, body, pieces, () => outgoing.end());
      else if (manner === 'cut') dribble(outgoing, body, Math.ceil(pieces / 2), () => outgoing.destroy());
      else outgoing.end(body);
      if (manner === 'impatient') outgoing.once('finish', () => setTimeout(() => outgoing.destroy(), pieceMs));
      return promise;
    },
    [Symbol.dispose]: () => agent.destroy(),
  };
}
