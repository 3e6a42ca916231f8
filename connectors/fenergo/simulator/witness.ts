import type { FenergoFeed } from '../feeds.ts';

/** A call of the API on its way through the simulator. `batchId`: "" where no batch is open or meant. */
export interface WitnessedCall {
  readonly feed: FenergoFeed;
  readonly call: 'next' | 'complete' | 'discardAll';
  readonly batchId: string;
  /** The ids of that batch's events, in order. */
  eventIds(): readonly string[];
}

/**
 * Sees every call from inside, and holds it up for as long as it likes: for tests that judge or kill the client at a
 * chosen moment. Calls that meet a fault are not seen again after their arrival.
 */
export interface Witness {
  /** Before the call does anything. With `drop` it never does, and its connection breaks. */
  arrived?(call: WitnessedCall): Promise<'drop' | undefined>;
  /** It has done its work, and nothing is answered yet. */
  worked?(call: WitnessedCall): Promise<void>;
  /** The answer is on its way to the client. */
  answered?(call: WitnessedCall): void;
}
