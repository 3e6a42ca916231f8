import type { BridgeError } from '../core/errors.ts';
import type { Ticket } from './ticket.ts';

/** What is published under one signal: once a part of it has failed, nothing that was accepted later may overtake it. */
export interface Run {
  /** What ended it. */
  failure: BridgeError | undefined;
  /** In order of acceptance. */
  readonly open: ReadonlySet<Ticket>;
  enter(ticket: Ticket): void;
  leave(ticket: Ticket): void;
}

/**
 * `signals`: as long as something is open, `abandon` is called when one of them aborts. One listener for all that is open:
 * there can be thousands a second.
 */
export function createRun(signals: readonly AbortSignal[], abandon: (run: Run) => void): Run {
  const open = new Set<Ticket>();
  const abort = () => abandon(run);
  const run: Run = {
    failure: undefined,
    open,
    enter(ticket) {
      if (open.size === 0) for (const signal of signals) signal.addEventListener('abort', abort);
      open.add(ticket);
    },
    leave(ticket) {
      if (!open.delete(ticket) || open.size > 0) return;
      for (const signal of signals) signal.removeEventListener('abort', abort);
    },
  };
  return run;
}

/** Fails a ticket and all that its run has accepted since; what was accepted before may still come to its end. */
export function failRun(failed: Ticket, error: BridgeError) {
  const { run } = failed;
  if (!run.open.has(failed)) return;
  run.failure ??= error;
  let reached = false;
  for (const ticket of run.open) {
    reached ||= ticket === failed;
    if (reached) ticket.fail(error);
  }
}
