import type { Envelope } from './envelope.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { Outcome } from './normalise.ts';
import type { Headers } from './record.ts';

export interface StepContext {
  /** Those of the record, with its marks. */
  readonly headers: Headers;
  /** Sends a request below the feed's own base URL, with its auth. Rejects as HttpClient's `send` does. */
  fetch(request: HttpRequest): Promise<HttpResponse>;
}

/**
 * Between normalise and publish, event by event, in order. Gives what became of the event. May ask others, so it may
 * fail: a retryable BridgeError is tried again without end, a poison one sets the record aside, a fatal one halts the feed.
 */
export interface Step {
  /** The setting that asks for it. */
  readonly name: string;
  apply(envelope: Envelope, context: StepContext): Promise<readonly Outcome[]>;
}
