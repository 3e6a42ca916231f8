import type { BridgeError } from '../core/errors.ts';
import type { Entry, Ticket } from './ticket.ts';

/** An event that can never be sent, which is found out when it is accepted; it is refused when its turn comes. */
export interface Unsendable {
  readonly ticket: Ticket;
  readonly index: number;
  readonly key: string;
  readonly refusal: BridgeError;
}

type Waiting = Entry | Unsendable;

/** The events of one key of a feed, over all lanes, in order of acceptance. */
interface KeyQueue {
  waiting: Waiting[];
  /** Part of an open call. */
  sent: Entry | undefined;
}

/**
 * Where a refused event keeps back all that follows it with its key: so that nothing of it is on its way by then, no event
 * is sent before all earlier ones of its key and feed are confirmed, in whatever lane they are.
 */
export interface KeyTurns {
  enter(event: Waiting): void;
  /** Whether it may be sent now; if so, it counts as sent. */
  take(entry: Entry): boolean;
  /** The call with it is over; what is not settled by then is sent again. */
  ended(entry: Entry): void;
  /** Takes out all that waits of its key, in order. */
  clear(event: Waiting): readonly Waiting[];
  /** Drops what nobody waits for any more. */
  tidy(): void;
}

function keyOf(event: Waiting): string {
  return 'routed' in event ? event.routed.envelope.attributes.partitionkey : event.key;
}

/** `refuse` is told of what can never be sent as soon as all before it is settled. */
export function createKeyTurns(refuse: (event: Unsendable) => void): KeyTurns {
  const queues = new Map<string, KeyQueue>();
  const nameOf = (event: Waiting) => `${event.ticket.feed} ${keyOf(event)}`;

  /** Brings the first one that is still to be sent to the front. */
  function advance(name: string, queue: KeyQueue) {
    while (!queue.sent) {
      const [first] = queue.waiting;
      if (!first) {
        if (queues.get(name) === queue) queues.delete(name);
        return;
      }
      if (first.ticket.wants(first.index)) {
        if ('routed' in first) return;
        refuse(first);
      }
      if (queue.waiting[0] === first) queue.waiting.shift();
    }
  }

  return {
    enter(event) {
      const name = nameOf(event);
      const queue = queues.get(name) ?? { waiting: [], sent: undefined };
      queues.set(name, queue);
      queue.waiting.push(event);
      advance(name, queue);
    },
    take(entry) {
      const name = nameOf(entry);
      const queue = queues.get(name);
      if (!queue) return true;
      advance(name, queue);
      if (queue.sent || queue.waiting[0] !== entry) return false;
      queue.sent = entry;
      return true;
    },
    ended(entry) {
      const name = nameOf(entry);
      const queue = queues.get(name);
      if (!queue || queue.sent !== entry) return;
      queue.sent = undefined;
      advance(name, queue);
    },
    clear(event) {
      const queue = queues.get(nameOf(event));
      if (!queue) return [];
      const { waiting } = queue;
      queue.waiting = [];
      return waiting.filter((other) => other !== event && other.ticket.wants(other.index));
    },
    tidy() {
      for (const [name, queue] of queues) advance(name, queue);
    },
  };
}
