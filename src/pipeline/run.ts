import type { BridgeError } from '../core/errors.ts';
import type { Ticket } from './ticket.ts';

/** What is published under one signal: once a part of it has failed, nothing that was accepted later may overtake it. */
export interface Run {
  /** What ended it. */
  failure: BridgeError | undefined;
  /** In order of acceptance. */
  readonly open: Set<Ticket>;
}

export function createRun(): Run {
  return { failure: undefined, open: new Set() };
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
