import type { BridgeError } from './errors.ts';
import type { Endpoint, HttpRequest, HttpResponse } from './http.ts';
import type { Headers } from './record.ts';

/** What a text means that an upstream sends in the place of events. `auth`: the credentials are not accepted. */
export type StreamTreatment = 'auth' | 'fatal' | 'retry';

/** How a token is shown: in the header, behind this word, or as this parameter of the query. */
export type TokenPlace =
  | { readonly kind: 'header'; readonly scheme: string }
  | { readonly kind: 'query'; readonly parameter: string };

/** Events come over a connection that stays open (server-sent events), and nothing is acknowledged. */
export interface StreamArrival {
  readonly kind: 'sse';
  readonly endpoint: Endpoint;
  /** Below the base URL of the endpoint, without a leading slash; may have a query. */
  readonly path: string;
  readonly tokenPlace: TokenPlace;
  /** Of the data of each event. */
  readonly mediaType: string;
  /** After so long without any byte the connection counts as dead. Milliseconds. */
  readonly idleMs: number;
  /** Largest event in bytes. */
  readonly maxEventBytes: number;
  /** What `retry:` of the upstream may be at least and at most. Milliseconds. */
  readonly retryMs: { readonly min: number; readonly max: number };
  /** The error word that a text in the place of events says, and what it means; undefined: it says none. Pure. */
  refusal(text: string): { readonly word: string; readonly treat: StreamTreatment } | undefined;
  /** How the upstream is asked what has happened while there was no connection. Absent: it is not. */
  readonly reconcile?: Reconcile;
}

/** A time without a connection. */
export interface StreamGap {
  readonly from: Date;
  readonly to: Date;
}

/** Pure. */
export interface Reconcile {
  readonly endpoint: Endpoint;
  /** Longest wait for an answer, tries included. Milliseconds. */
  readonly withinMs: number;
  request(gap: StreamGap): HttpRequest;
  /** The data of an event for each thing that may have changed. Throws what is not what it should be. */
  read(response: HttpResponse): readonly Uint8Array[];
  /** What the data of an event is about; undefined where it does not say. */
  subject(data: Uint8Array): string | undefined;
}

/** An answer whose body does not end. */
export interface StreamAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** As they come, and no faster than they are taken. Rejects with UPSTREAM_UNREACHABLE, or with what `abort` was given. */
  readonly chunks: AsyncIterable<Buffer>;
  /** The first bytes of a body that is no event stream, without the endpoint's secrets: for messages. */
  head(): Promise<HttpResponse>;
  abort(error: BridgeError): void;
}

/** Opens connections to one upstream, one after the other. */
export interface StreamClient extends AsyncDisposable {
  /**
   * Gives the answer whatever its status. Rejects with UPSTREAM_UNREACHABLE, UPSTREAM_TIMEOUT, TOKEN_UNAVAILABLE, or with
   * STOPPING when `signal` aborts, which ends the body too.
   */
  open(lastEventId: string | undefined, signal: AbortSignal): Promise<StreamAnswer>;
  /** The token of the last connection was refused: the next one is fetched anew. False: there is no other. */
  renew(): boolean;
}

/*
 * Marks among the headers of a record, by names that no header can have: what its event is called, and the id that the
 * stream had with it.
 */
export const streamEventMark = ':event';
export const streamIdMark = ':id';
