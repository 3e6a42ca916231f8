import type { MeasuredChild } from '../support/child.ts';

/** What senders do, and what the bridge makes of it. */
export interface Case {
  readonly name: string;
  readonly connections: number;
  /** Whether requests are signed, and signatures verified. */
  readonly signed: boolean;
  /** How the bridge finds the fields of an event. */
  readonly fields: 'pointers' | 'jsonata';
}

/** Requests as they were stored: by the key that has to stay in order, the numbers of its requests. */
export type Stored = ReadonlyMap<string, readonly number[]>;

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

interface Sent {
  readonly id: string;
  readonly key: string;
}

/** Sorts what was stored, in order, by key. `sentIn`: the body within what is stored. */
export function collect(values: Iterable<string>, sentIn: (value: unknown) => unknown): Stored {
  const stored = new Map<string, number[]>();
  for (const value of values) {
    const { id, key } = sentIn(JSON.parse(value)) as Sent;
    const known = stored.get(key);
    if (known) known.push(Number(id));
    else stored.set(key, [Number(id)]);
  }
  return stored;
}

/** What the bare handler stores: the body. */
export const plainBody = (value: unknown): unknown => value;

/** What the bridge stores: a CloudEvent. */
export const dataOfEvent = (value: unknown): unknown => (value as { readonly data: unknown }).data;
