import type { MeasuredChild } from '../support/child.ts';
import type { Stored } from '../support/stored.ts';

/** What senders do, and what the bridge makes of it. */
export interface Case {
  readonly name: string;
  readonly connections: number;
  /** Whether requests are signed, and signatures verified. */
  readonly signed: boolean;
  /** How the bridge finds the fields of an event. */
  readonly fields: 'pointers' | 'jsonata';
}

/** Where one subject stores events in one round: a folder, a topic. Disposing of it deletes it. */
export interface Place extends AsyncDisposable {
  readonly name: string;
}

export interface Start {
  /** Of 127.0.0.1, to listen at. */
  readonly port: number;
  readonly place: string;
  /** Empty, and its own. */
  readonly dir: string;
  readonly what: Case;
}

/** Something that takes webhooks. */
export interface Subject {
  readonly name: string;
  /** Default: each case. */
  takesPart?(what: Case): boolean;
  start(start: Start, nodeOptions?: readonly string[]): Promise<MeasuredChild>;
  read(place: string): Promise<Stored>;
}

/** What the subjects of a benchmark store events in. */
export interface Ground extends AsyncDisposable {
  /** Names the file with the results. */
  readonly name: string;
  readonly bare: Subject;
  readonly bridge: Subject;
  readonly others: readonly Subject[];
  freshPlace(): Promise<Place>;
  /** CPU time of the broker so far, in microseconds; NaN where that cannot be told. */
  brokerCpuUs(): number;
}
