import type { BridgeError } from '../core/errors.ts';
import type { Entry } from './ticket.ts';

/** Events of one lane in order of acceptance, and whether it may send right now. */
export interface Lane {
  readonly name: string;
  queue: Entry[];
  /** Part of an open call: nothing else of this lane may be sent. */
  busy: boolean;
  /** Failed attempts in a row at its first event. */
  attempts: number;
  /** Why the last of them failed. */
  failure: BridgeError | undefined;
  /** Milliseconds of the monotonic clock before which it waits. */
  dueAt: number;
}

/** What of a lane has to be sent again. */
export interface Retry {
  readonly entries: Entry[];
  /** Of the first event that has to be sent again. */
  readonly error: BridgeError;
  /** The longest that the broker asked to be left alone for, in milliseconds. */
  askedMs: number;
}

export function createLane(name: string): Lane {
  return { name, queue: [], busy: false, attempts: 0, failure: undefined, dueAt: 0 };
}

/** Drops from the front what nobody waits for any more; gives whether something is left to send. */
export function hasWork(lane: Lane): boolean {
  let dropped = 0;
  for (const { ticket, index } of lane.queue) {
    if (ticket.wants(index)) break;
    dropped++;
  }
  if (dropped > 0) lane.queue.splice(0, dropped);
  return lane.queue.length > 0;
}

/** Drops all that nobody waits for any more, wherever it stands: else it would be held as long as the lane has to wait. */
export function tidyLane(lane: Lane): void {
  if (lane.queue.every(({ ticket, index }) => ticket.wants(index))) return;
  lane.queue = lane.queue.filter(({ ticket, index }) => ticket.wants(index));
}

/** What one call to the sink carries: whole runs of lanes, each in order. */
export interface Call {
  readonly entries: Entry[];
  readonly lanes: Lane[];
}

/** The bounds of one call. */
export interface MostInCall {
  readonly events: number;
  readonly bytes: number;
  /** Events of one lane. */
  readonly perLane: number;
}

/**
 * Takes what is due from the lanes, in their order, up to the bounds of one call. A single event larger than the bound
 * goes alone. The lanes taken from are busy until the call is over; those with nothing left are handed to `forget`.
 * An event that may not go yet keeps back what follows it in its lane.
 */
export function collectCall(
  lanes: Iterable<Lane>,
  now: number,
  most: MostInCall,
  mayGo: (entry: Entry) => boolean,
  forget: (lane: Lane) => void,
): Call {
  const call: Call = { entries: [], lanes: [] };
  let bytes = 0;
  let full = false;
  for (const lane of lanes) {
    if (full) break;
    if (lane.busy) continue;
    if (!hasWork(lane)) {
      forget(lane);
      continue;
    }
    if (lane.dueAt > now) continue;
    let taken = 0;
    const mostEntries = call.entries.length + most.perLane;
    for (const entry of lane.queue) {
      const { length } = call.entries;
      if (length === mostEntries) break;
      full = length > 0 && (length >= most.events || bytes + entry.routed.bytes > most.bytes);
      if (full) break;
      const isWanted = entry.ticket.wants(entry.index);
      if (isWanted && !mayGo(entry)) break;
      taken++;
      if (!isWanted) continue;
      call.entries.push(entry);
      bytes += entry.routed.bytes;
    }
    if (taken === 0) continue;
    lane.queue.splice(0, taken);
    lane.busy = true;
    call.lanes.push(lane);
  }
  return call;
}
