import { BridgeError } from '../core/errors.ts';
import type { Deadlines } from './deadlines.ts';
import type { Ticket } from './ticket.ts';

/** `failure`: why it could not be sent before, as the last attempt said. */
export function tooLate(failure?: BridgeError): BridgeError {
  const message = 'the destination has not confirmed all of it in time';
  if (failure === undefined) return new BridgeError('ANSWER_TOO_LATE', message);
  const { hint } = failure;
  return new BridgeError('ANSWER_TOO_LATE', `${message}: ${failure.message}`, {
    cause: failure,
    ...(hint !== undefined && { hint }),
  });
}

/** At `deadline` (milliseconds since the epoch) the ticket expires, unless it has ended; then `dropped` is called. */
export function expireAt(deadline: number, ticket: Ticket, deadlines: Deadlines, dropped: () => void): void {
  const expire = () => {
    ticket.expire(tooLate(ticket.failure));
    dropped();
  };
  ticket.onEnd(deadlines.at(deadline, expire));
}
