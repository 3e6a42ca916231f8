import type { OnPoison } from '../../src/core/on-poison.ts';

/** How the batches of a feed arrive; `in-order` and `independent` feeds hand out many before the first is acked. */
export type Arrival = 'told' | 'cursor' | 'in-order' | 'independent';

export interface FeedPlan {
  readonly arrival: Arrival;
  /** Bodies of records as `sampleNormalise` reads them, with a space between; each body occurs once in a history. */
  readonly batches: readonly string[];
  /** Whether a step asks upstream about each event. */
  readonly asks?: boolean;
  /** Whether upstream gives all its batches the same id. */
  readonly sameId?: boolean;
  /** What each batch of a feed that hands out many claims to weigh. */
  readonly bytes?: number;
}

/**
 * What happens to a bridge, as text, one line a step; what a line does not say goes well.
 *
 * - `enter 0`: the oldest call of this name that waits for the far end of feed 0 is answered; `enter 0#1`: the one after
 *   it. When there is none, all goes well until there is one.
 * - `complete 0: 500`: it is answered so. See fates.ts for what there is.
 * - `publish: …` is for the first destination, `publish 1: …` for the second.
 * - `publish: unknown at 1 wrote 2`: from the event at index 1 on, two of which are written. With `alone` it concerns
 *   the lane of that event only.
 * - `until complete 0`: all goes well until this call waits.
 * - `time`: time passes until something is due.
 * - `crash`, `crash: publish acted, complete 0 late`: the process is killed and started again. A call that waited has
 *   done nothing at the far end, or has acted, or acts when it `land`s.
 * - `land`, `land#1`: a request that was given up reaches the far end after all.
 * - `release 0 a`: an operator releases a key of feed 0. One that can never be published is discarded.
 * - `drain`, `pause 0`, `resume 0`: what SIGTERM and an operator do.
 */
export type Line = string;

export interface SinkPlan {
  readonly maxOpenCalls: number;
  /** Most of them in a call. */
  readonly events: number;
  /** Calls for destinations in trouble; with them each lane has a destination of its own. None unless told. */
  readonly spareCalls?: number;
  /** Most events of a lane in a call; no bound unless told. */
  readonly perLane?: number;
}

export interface History {
  readonly feeds: readonly FeedPlan[];
  /** Of each destination. */
  readonly sink: SinkPlan;
  /** Each with a broker of its own, in every feed's way. 1 unless told. */
  readonly destinations?: number;
  readonly state: 'memory' | 'sqlite';
  /** `dead-letter` unless told. Under `park-key` the brokers take in the end what they have refused. */
  readonly onPoison?: OnPoison;
}

/** A history that once broke the bridge, or a mutation of it. */
export interface NamedHistory extends Partial<Omit<History, 'feeds'>> {
  readonly name: string;
  readonly feeds: readonly FeedPlan[];
  readonly lines: readonly Line[];
}

export function bodiesOf(batch: string): readonly string[] {
  return batch === '' ? [] : batch.split(' ');
}

/** The id of the event that a body becomes. */
export function idOf(body: string): string {
  return body.split('@')[0] ?? '';
}
