import type { HttpClient, HttpRequest, HttpResponse } from '../../core/http.ts';
import { wait } from '../../pipeline/backoff.ts';

/** Sends the requests of one feed: as fast as they come while all is well, and with a gap between them while it fails. */
export interface Pace {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  failed(): void;
  /** A batch is acked. All is well again once this comes without a failure since the last time. */
  worked(): void;
}

export function createPace(client: HttpClient, gapMs: number): Pace {
  let failing = false;
  let failedSince = false;
  let sentAt = Number.NEGATIVE_INFINITY;
  return {
    async send(request, signal) {
      const early = sentAt + gapMs - performance.now();
      if (failing && early > 0) await wait(Math.ceil(early), signal);
      sentAt = performance.now();
      return await client.send(request, signal);
    },
    failed() {
      failing = true;
      failedSince = true;
    },
    worked() {
      failing = failedSince;
      failedSince = false;
    },
  };
}
