import type { HttpRequest, HttpResponse } from './http.ts';
import type { RawRecord } from './record.ts';

/** What the clock and the state know when a request is made. */
export interface PollContext {
  readonly now: Date;
  /** The last acknowledged position, for upstreams that are polled by cursor: those without `complete`. */
  readonly position: string | undefined;
  /** The same request, made then, was answered that its credentials are not accepted: they may be of their hour. */
  readonly refusedAt?: Date;
}

export interface PolledBatch {
  readonly upstreamId?: string;
  readonly position?: string;
  readonly records: readonly RawRecord[];
  /** Upstream says that more is waiting: poll again at once after the ack. */
  readonly more: boolean;
}

export type NextAnswer = { readonly kind: 'batch'; readonly batch: PolledBatch } | { readonly kind: 'empty' };

/** `refused`: upstream does not know the batch (any more); only the next `next` can tell whether it is complete. */
export type CompleteAnswer = 'completed' | 'refused';

/**
 * What one polled upstream says, as data: requests to send and how to read the answers. Pure; the poll engine owns
 * sending, timing, retries and the order of things. Readers throw a BridgeError for an answer that is a failure.
 */
export interface PollProtocol {
  next(context: PollContext): HttpRequest;
  readNext(response: HttpResponse): NextAnswer;
  /** Absent: nothing to call, the position alone moves on. */
  readonly complete?: {
    request(upstreamId: string, context: PollContext): HttpRequest;
    read(response: HttpResponse): CompleteAnswer;
    /** Finds the batch's id in an answer that `readNext` could not read, for `set-aside`. */
    salvageId(body: Uint8Array): string | undefined;
  };
  /** An operator's act: drops all that waits upstream. Absent: upstream has no such call. */
  readonly discard?: {
    request(context: PollContext): HttpRequest;
    /** Throws when it was not accepted. */
    read(response: HttpResponse): void;
    /** Whether all records of this batch came after the discard was sent: proof that it worked on a busy feed. */
    isAfter(batch: PolledBatch, sentAt: Date): boolean;
  };
}
