import type { Sink } from '../../src/core/sink.ts';
import type { BareClient } from '../support/bare-client.ts';

/** So many messages a request, so many requests at once. */
export interface Use {
  readonly messages: number;
  readonly requests: number;
}

/** A kind of broker with a client library: our sink, and the library as it is used without us. */
export interface SinkSubject extends AsyncDisposable {
  /** Names the file with the results. */
  readonly name: string;
  /** What the library does best, flat out. */
  readonly best: Use;
  /** What it does where order has to outlive a refusal, as with us, with so many lanes. Absent: no other than its best. */
  readonly inOrder?: (lanes: number) => Use;
  /** Events with equal ids would be taken for the same one, or wait for each other: each that is sent has one of its own. */
  readonly freshIds?: boolean;
  /** What is to be known about the figures. */
  readonly notes: readonly string[];
  /** Fresh and empty. */
  createDestination(): Promise<string>;
  openSink(destination: string): Promise<Sink>;
  openBare(): Promise<BareClient>;
  /** How many messages are there. */
  count(destination: string): Promise<number>;
  deleteDestination(destination: string): Promise<void>;
}
