import type { Envelope } from './envelope.ts';
import type { BridgeError } from './errors.ts';
import type { HttpRequest, HttpResponse } from './http.ts';
import type { Outcome } from './normalise.ts';
import type { Headers } from './record.ts';

export interface StepContext {
  /** Those of the record, with its marks. */
  readonly headers: Headers;
  /** Aborts when the bridge stops. Default: it does not. */
  readonly signal?: AbortSignal;
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
  /** How many events of a batch it may work on at once; their order is kept. Default: one after the other. */
  readonly atOnce?: number;
  /**
   * How long a retryable error is tried again, in milliseconds, and what poison it is then; undefined: that error is tried
   * again without end, as all are by default.
   */
  readonly patience?: { readonly ms: number; exhausted(error: BridgeError): BridgeError | undefined };
  apply(envelope: Envelope, context: StepContext): Promise<readonly Outcome[]>;
}
