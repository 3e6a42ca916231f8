import { BridgeError } from '../core/errors.ts';
import type { Deadlines } from './deadlines.ts';
import type { Ticket } from './ticket.ts';

/** What may end a ticket before its events are settled. */
export interface TicketEnds {
  readonly signals: readonly AbortSignal[];
  /** Milliseconds since the epoch. */
  readonly deadline: number | undefined;
  readonly deadlines: Deadlines;
  /** What of it is not sent is dropped: `abandoned`, or because it is `late`. */
  dropped(why: 'abandoned' | 'late'): void;
}

export function tooLate(): BridgeError {
  return new BridgeError('ANSWER_TOO_LATE', 'the destination has not confirmed all of it in time');
}

/** Resolves or rejects as the ticket does. */
export async function untilEnd(ticket: Ticket, { signals, deadline, deadlines, dropped }: TicketEnds) {
  const abandon = () => {
    ticket.fail(new BridgeError('STOPPING', 'stopped while publishing'));
    dropped('abandoned');
  };
  const expire = () => {
    ticket.expire(tooLate());
    dropped('late');
  };
  const undo = deadline === undefined ? undefined : deadlines.at(deadline, expire);
  for (const signal of signals) signal.addEventListener('abort', abandon, { once: true });
  return await ticket.promise.finally(() => {
    undo?.();
    for (const signal of signals) signal.removeEventListener('abort', abandon);
  });
}
