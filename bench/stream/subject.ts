import type { MeasuredChild } from '../support/child.ts';
import type { Stored } from '../support/stored.ts';

/** Where one subject stores events in one round: a folder, a queue. Disposing of it deletes it. */
export interface Place extends AsyncDisposable {
  readonly name: string;
  /** How many events are stored, now. Never less than before. */
  count(): Promise<number>;
}

/** Something that reads the stream. */
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
  freshPlace(): Promise<Place>;
}
