import type { MeasuredChild } from '../support/child.ts';

/** By feed, the `Sequence` of each event, in the order in which they were stored. */
export type Stored = ReadonlyMap<string, readonly number[]>;

/** Where one subject stores events in one round: a folder, a topic. Disposing of it deletes it. */
export interface Place extends AsyncDisposable {
  readonly name: string;
}

/** Something that drains the upstream. */
export interface Subject {
  readonly name: string;
  /** `dir` is empty, and its own. */
  start(baseUrl: string, place: string, dir: string, nodeOptions?: readonly string[]): Promise<MeasuredChild>;
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

interface Notification {
  readonly payload: { readonly Sequence: number };
}

/** Reads what the bare loop stored. */
export function sequenceOfNotification(text: string): number {
  return (JSON.parse(text) as Notification).payload.Sequence;
}

/** Reads what the bridge stored: CloudEvents. */
export function sequenceOfEvent(text: string): number {
  return (JSON.parse(text) as { data: Notification }).data.payload.Sequence;
}
