import type { BridgeError } from '../core/errors.ts';
import type { Lane } from './lane.ts';
import type { Entry } from './ticket.ts';

/** What stands behind a failure waits for its end as well. */
export function enqueue(lane: Lane, entry: Entry): void {
  lane.queue.push(entry);
  if (lane.failure) entry.ticket.failure = lane.failure;
}

export function noteFailure(lane: Lane, error: BridgeError): void {
  lane.attempts++;
  lane.failure = error;
  for (const { ticket } of lane.queue) ticket.failure = error;
}

export function noteSuccess(lane: Lane): void {
  lane.attempts = 0;
  lane.failure = undefined;
}
