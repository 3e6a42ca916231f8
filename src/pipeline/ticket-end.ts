import { BridgeError } from '../core/errors.ts';
import type { Deadlines } from './deadlines.ts';
import type { Ticket } from './ticket.ts';

export function tooLate(): BridgeError {
  return new BridgeError('ANSWER_TOO_LATE', 'the destination has not confirmed all of it in time');
}

/** At `deadline` (milliseconds since the epoch) the ticket expires, unless it has ended; then `dropped` is called. */
export function expireAt(deadline: number, ticket: Ticket, deadlines: Deadlines, dropped: () => void): void {
  const expire = () => {
    ticket.expire(tooLate());
    dropped();
  };
  ticket.onEnd(deadlines.at(deadline, expire));
}
