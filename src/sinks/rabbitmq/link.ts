import type { ConfirmChannel } from 'amqplib';
import { BridgeError } from '../../core/errors.ts';
import { orAborted } from './abort.ts';
import { messageRefusal } from './classify.ts';
import type { Connection } from './connection.ts';
import type { Message } from './encode.ts';
import type { EventPlace, Place } from './place.ts';
import { prepare } from './prepare.ts';
import type { Topology } from './topology-settings.ts';

/**
 * What became of a message. `returned`: no queue wanted it. `refused`: it made the broker close the channel. `suspect`: it
 * or another one did. `lost`: it may have been written. `unsent`: the link was gone. `unsendable`: AMQP has no room for it.
 */
export type Outcome =
  | { readonly status: 'acked' | 'nacked' | 'returned' }
  | { readonly status: 'refused' | 'suspect' | 'lost' | 'unsent'; readonly error: BridgeError }
  | { readonly status: 'unsendable'; readonly cause: unknown };

/** A confirm channel on a connection of its own; it is not mended, but replaced. Nothing here rejects. */
export interface Link {
  /** Why it can no longer be used. */
  readonly failure: BridgeError | undefined;
  /** Since when a destination has refused all that came (nacks), in `performance.now()`; of several, the longest. */
  readonly refusedSince: number | undefined;
  /** Whether it has refused all that came lately. */
  refuses(place: EventPlace): boolean;
  /** Undefined when events can go there. It is prepared once, and again after an event that no queue wanted. */
  prepared(place: Place, signal: AbortSignal): Promise<BridgeError | undefined>;
  /** Whether the broker, or the network, takes nothing more for now. */
  readonly held: boolean;
  /** Waits until it no longer is; gives why not when `signal` aborts before that. */
  released(signal: AbortSignal): Promise<BridgeError | undefined>;
  send(place: EventPlace, message: Message, confirmBy: AbortSignal): Promise<Outcome>;
  /** Closes it when all that was sent has its outcome. What comes meanwhile is still sent, and later it is `unsent`. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

/** In which the broker gives back what no queue wants: it says so before it confirms, and with no tag. */
const seqHeader = 'feedferry-seq';

interface Pending {
  readonly settle: (outcome: Outcome) => void;
  returned: boolean;
}

function keyOf({ exchange, queue, bindingKey }: Place): string {
  return JSON.stringify([exchange, queue, bindingKey]);
}

export function createLink(
  connection: Connection,
  channel: ConfirmChannel,
  brokerName: string,
  topology: Topology | undefined,
): Link {
  const { model, host } = connection;
  const pending = new Map<number, Pending>();
  const places = new Map<string, Promise<BridgeError | undefined>>();
  /** By destination, oldest first. */
  const refusals = new Map<string, number>();
  let lastSeq = 0;
  let failure: BridgeError | undefined;
  let full = false;
  let retiring = false;
  let blocked: string | undefined;
  let change = Promise.withResolvers<undefined>();

  function changed() {
    change.resolve(undefined);
    change = Promise.withResolvers();
  }

  function end(error: BridgeError, status: 'lost' | 'refused' | 'suspect' = 'lost', cause = error) {
    if (failure) return;
    failure = error;
    for (const { settle } of pending.values()) settle({ status, error: cause });
    pending.clear();
    changed();
  }

  function fail(...why: Parameters<typeof end>) {
    end(...why);
    connection.destroy();
  }

  const brokenOff = () => fail(new BridgeError('BROKER_UNREACHABLE', `the connection to ${brokerName} broke off`));
  const alarm = () => new BridgeError('BROKER_UNAVAILABLE', `${brokerName} takes no events for now: ${blocked}`);

  channel.on('error', (error) => {
    const refusal = messageRefusal(error, brokerName);
    const closed = new BridgeError('BROKER_UNAVAILABLE', `${brokerName} closed the channel`, { cause: error });
    if (!refusal) fail(closed);
    else if (pending.size === 1) fail(closed, 'refused', refusal);
    else fail(closed, 'suspect', closed);
  });
  // Before the library's own listener, which calls what was broken off a nack.
  channel.prependListener('close', brokenOff);
  model.on('close', brokenOff);
  channel.on('return', ({ properties }) => {
    const returned = pending.get(Number(properties.headers?.[seqHeader]));
    if (returned) returned.returned = true;
  });
  channel.on('drain', () => {
    full = false;
    changed();
  });
  model.on('blocked', (reason) => {
    blocked = reason;
  });
  model.on('unblocked', () => {
    blocked = undefined;
    changed();
  });

  const nameOf = ({ exchange, routingKey }: EventPlace) => JSON.stringify([exchange, routingKey]);

  function note(place: EventPlace, nack: boolean) {
    if (!nack && refusals.size === 0) return;
    const key = nameOf(place);
    if (!nack) refusals.delete(key);
    else if (!refusals.has(key)) refusals.set(key, performance.now());
  }

  /** A connection that is silent is not trusted any more; one that has said why it waits is kept. */
  function overdue(reason: BridgeError): BridgeError {
    if (reason.code !== 'BROKER_TIMEOUT') return reason;
    if (blocked !== undefined) return alarm();
    fail(new BridgeError('BROKER_TIMEOUT', `the connection to ${brokerName} was given up: ${reason.message}`));
    return reason;
  }

  return {
    get failure() {
      return failure;
    },
    get refusedSince() {
      return refusals.values().next().value;
    },
    refuses: (place) => refusals.size > 0 && refusals.has(nameOf(place)),
    get held() {
      return !failure && (full || blocked !== undefined);
    },
    async prepared(place, signal) {
      const key = keyOf(place);
      const asked = places.get(key) ?? prepare({ model, host, brokerName, topology }, place);
      places.set(key, asked);
      const problem = await orAborted(asked, signal);
      if (!problem) return undefined;
      places.delete(key);
      return signal.aborted ? overdue(problem) : problem;
    },
    async released(signal) {
      while (!failure && (full || blocked !== undefined)) {
        const over = await orAborted(change.promise, signal);
        if (over) return blocked !== undefined && over.code === 'BROKER_TIMEOUT' ? alarm() : over;
      }
      return failure;
    },
    send(place, { content, properties }, confirmBy) {
      const { promise, resolve } = Promise.withResolvers<Outcome>();
      if (failure) return Promise.resolve({ status: 'unsent', error: failure });
      const seq = lastSeq + 1;
      const late = () => resolve({ status: 'lost', error: overdue(confirmBy.reason) });
      const settle = (outcome: Outcome) => {
        confirmBy.removeEventListener('abort', late);
        resolve(outcome);
      };
      const headers = { ...properties.headers, [seqHeader]: seq };
      const options = { ...properties, headers, persistent: true, mandatory: true };
      try {
        const room = channel.publish(place.exchange, place.routingKey, content, options, (nack) => {
          const known = pending.get(seq);
          pending.delete(seq);
          if (known?.returned) places.delete(keyOf(place));
          note(place, Boolean(nack));
          if (retiring && pending.size === 0) changed();
          known?.settle({ status: nack ? 'nacked' : known.returned ? 'returned' : 'acked' });
        });
        if (!room) full = true;
      } catch (cause) {
        return Promise.resolve({ status: 'unsendable', cause });
      }
      lastSeq = seq;
      // It stays pending when it is late: it may still be what the broker closes the channel for.
      pending.set(seq, { settle, returned: false });
      confirmBy.addEventListener('abort', late, { once: true });
      return promise;
    },
    async retire() {
      retiring = true;
      while (!failure && pending.size > 0) await change.promise;
      end(new BridgeError('BROKER_UNAVAILABLE', `another connection to ${brokerName} has taken over`));
      await connection.close();
    },
    async close() {
      end(new BridgeError('STOPPING', 'the sink is closed'));
      await connection.close();
    },
  };
}
