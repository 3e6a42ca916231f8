import type { FeedName } from '../core/batch.ts';
import type { BridgeError } from '../core/errors.ts';
import type { Routed } from '../core/sink.ts';
import type { Guard } from './guard.ts';
import type { Settlement } from './publisher.ts';
import type { Run } from './run.ts';

/** One `publish` call: collects the settlements of its events. */
export interface Ticket {
  readonly feed: FeedName;
  readonly run: Run;
  readonly guard: Guard | undefined;
  readonly promise: Promise<readonly Settlement[]>;
  /** Called once, when it is settled or has failed. */
  onEnd(callback: () => void): void;
  /** Whether anybody still waits for it; what is not sent of a closed ticket is dropped. */
  readonly open: boolean;
  /** Whether it is open, and lacks the settlement of this event. */
  waitsFor(index: number): boolean;
  /** Whether this event is still to be sent: not when it is too late for the ticket. */
  wants(index: number): boolean;
  /** Why the last attempt at what it waits for has failed; undefined: nothing has. */
  failure: BridgeError | undefined;
  /** One of its events is part of a call that is opened. */
  sent(): void;
  /** That call is over, and its outcome has been told. */
  landed(): void;
  settle(index: number, settlement: Settlement): void;
  fail(error: BridgeError): void;
  /**
   * It is too late: what is not sent is dropped, and nothing is sent again. What is on its way is only observed: when all
   * of it has landed, and the ticket still lacks something, it fails with this error.
   */
  expire(error: BridgeError): void;
}

/** An event on its way, in the queue of its lane. */
export interface Entry {
  readonly routed: Routed;
  readonly ticket: Ticket;
  readonly index: number;
}

/** Whether the events of each key go one after the other. */
export function isSerial({ guard }: Ticket): boolean {
  return guard !== undefined && guard.onPoison !== 'dead-letter';
}

export function createTicket(size: number, feed: FeedName, run: Run, guard?: Guard): Ticket {
  const { promise, resolve, reject } = Promise.withResolvers<readonly Settlement[]>();
  const settlements: Settlement[] = new Array(size);
  let remaining = size;
  let open = true;
  let onTheirWay = 0;
  let late: BridgeError | undefined;
  let ended: (() => void) | undefined;
  const close = () => {
    open = false;
    run.leave(ticket);
    ended?.();
  };
  const ticket: Ticket = {
    feed,
    run,
    guard,
    promise,
    failure: undefined,
    onEnd(callback) {
      if (open) ended = callback;
      else callback();
    },
    get open() {
      return open;
    },
    waitsFor: (index) => open && settlements[index] === undefined,
    wants: (index) => late === undefined && ticket.waitsFor(index),
    sent() {
      onTheirWay++;
    },
    landed() {
      onTheirWay--;
      if (late && onTheirWay === 0) ticket.fail(late);
    },
    settle(index, settlement) {
      if (!open || settlements[index] !== undefined) return;
      settlements[index] = settlement;
      remaining--;
      if (remaining > 0) return;
      close();
      resolve(settlements);
    },
    fail(error) {
      if (!open) return;
      close();
      reject(error);
    },
    expire(error) {
      late ??= error;
      if (onTheirWay === 0) ticket.fail(late);
    },
  };
  run.enter(ticket);
  return ticket;
}
