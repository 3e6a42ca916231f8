import type { Sink } from '../../src/core/sink.ts';
import type { BareClient } from '../support/bare-client.ts';

/** A kind of broker with a client library: our sink, and the library as it is used without us. */
export interface SinkSubject extends AsyncDisposable {
  /** Names the file with the results. */
  readonly name: string;
  /** What the library does best, flat out: so many messages a request, so many requests at once. */
  readonly best: { readonly messages: number; readonly requests: number };
  /** Fresh and empty. */
  createDestination(): Promise<string>;
  openSink(destination: string): Promise<Sink>;
  openBare(): Promise<BareClient>;
  /** How many messages are there. */
  count(destination: string): Promise<number>;
  deleteDestination(destination: string): Promise<void>;
}
