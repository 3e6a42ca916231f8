import type { FeedName } from '../core/batch.ts';
import type { Envelope } from '../core/envelope.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Delivery, Sink } from '../core/sink.ts';
import type { Report } from '../telemetry/events.ts';
import { type BackoffPolicy, brokerBackoff, politeBackoffMs } from './backoff.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import { type Guard, poisonStopped } from './guard.ts';
import { createKeyTurns, type Unsendable } from './key-turns.ts';
import { type Call, collectCall, createLane, hasWork, type Lane, type Retry, tidyLane } from './lane.ts';
import { enqueue, noteFailure, noteSuccess } from './lane-failure.ts';
import type { Publisher } from './publisher.ts';
import { createPumping } from './pumping.ts';
import { createRun, failRun, type Run } from './run.ts';
import { createTicket, type Entry, isSerial } from './ticket.ts';
import { expireAt, tooLate } from './ticket-end.ts';
import { createTrouble } from './trouble.ts';

/** What a call is for. Destinations in trouble are apart where the sink has calls to spare for them. */
type Kind = 'usual' | 'troubled';
const kinds: readonly Kind[] = ['usual', 'troubled'];

/**
 * Publishes to one sink: what waits is coalesced into few calls, lanes run side by side, and inside a lane order is
 * kept, also under retry. An event that is not confirmed is sent again with all that follows it in its lane, after a
 * back-off, or as long as the broker asked for.
 */
export function createLanesPublisher(
  sink: Sink,
  report: Report,
  backoff: BackoffPolicy = brokerBackoff,
  deadlines: Deadlines = createDeadlines(),
): Publisher {
  const lanes = new Map<string, Lane>();
  const delayed = new Set<Lane>();
  const runs = new WeakMap<AbortSignal, Run>();
  const closing = new AbortController();
  const trouble = createTrouble();
  const room: Readonly<Record<Kind, number>> = { usual: sink.maxOpenCalls, troubled: sink.spareCalls ?? 0 };
  const openCalls: Record<Kind, number> = { usual: 0, troubled: 0 };
  const turns = createKeyTurns((event) => refuse(event, event.refusal, 1));
  const most = { ...sink.maxCall, perLane: sink.perLane ?? Number.POSITIVE_INFINITY };
  const pumping = createPumping(pump);
  /** Somebody has given up: not before all who do so at the same time have, is it known whose turn it is. */
  let abandoned = false;
  let late = false;
  let alarm: { at: number; timer: NodeJS.Timeout } | undefined;

  function abandon(run: Run) {
    const stopped = new BridgeError('STOPPING', 'stopped while publishing');
    for (const ticket of run.open) ticket.fail(stopped);
    abandoned = true;
    pumping.soon();
  }

  function dropLate() {
    late = true;
    pumping.soon();
  }

  function forget(lane: Lane) {
    lanes.delete(lane.name);
    delayed.delete(lane);
  }

  function runOf(signal: AbortSignal): Run {
    const known = runs.get(signal);
    if (known) return known;
    const run = createRun([signal, closing.signal], abandon);
    runs.set(signal, run);
    return run;
  }

  function laneOf(name: string): Lane {
    const known = lanes.get(name);
    if (known) return known;
    const lane = createLane(name);
    lanes.set(name, lane);
    return lane;
  }

  function kindOf({ queue }: Lane): Kind {
    if (room.troubled === 0) return 'usual';
    return trouble.has(queue[0]?.routed.destination ?? '') ? 'troubled' : 'usual';
  }

  /** Each lane is looked at only while there is trouble: there can be thousands. */
  function lanesOf(kind: Kind): Iterable<Lane> {
    if (room.troubled > 0 && !trouble.none) return lanes.values().filter((lane) => kindOf(lane) === kind);
    return kind === 'usual' ? lanes.values() : [];
  }

  function mayGo(entry: Entry): boolean {
    return !isSerial(entry.ticket) || turns.take(entry);
  }

  /** The last word on an event that is poison: it may end the run, or have all that follows with its key set aside too. */
  function refuse(event: Entry | Unsendable, error: BridgeError, attempts: number) {
    const { ticket, index } = event;
    if (!ticket.waitsFor(index)) return;
    if (ticket.guard?.onPoison === 'stop') return failRun(ticket, poisonStopped(error));
    const poison = { status: 'poison', error, attempts } as const;
    if (ticket.guard?.onPoison !== 'park-key') return ticket.settle(index, poison);
    const behind = turns.clear(event);
    ticket.guard.aside(index, poison);
    for (const other of behind) other.ticket.guard?.aside(other.index, parked);
    ticket.settle(index, poison);
    for (const other of behind) other.ticket.settle(other.index, parked);
  }

  function pump() {
    if (late) for (const lane of lanes.values()) tidyLane(lane);
    if (abandoned || late) turns.tidy();
    abandoned = false;
    late = false;
    for (const kind of kinds) {
      while (openCalls[kind] < room[kind] && !closing.signal.aborted) {
        const call = collectCall(lanesOf(kind), performance.now(), most, mayGo, forget);
        if (call.lanes.length === 0) break;
        void send(call, kind);
      }
    }
    setAlarm();
  }

  /** Wakes the pump when the first waiting lane is due; while no call can be opened, the end of one wakes it. */
  function setAlarm() {
    let at = Number.POSITIVE_INFINITY;
    for (const lane of delayed) {
      const kind = kindOf(lane);
      if (!lane.busy && openCalls[kind] < room[kind]) at = Math.min(at, lane.dueAt);
    }
    if (alarm?.at === at) return;
    clearTimeout(alarm?.timer);
    alarm = undefined;
    if (at === Number.POSITIVE_INFINITY || closing.signal.aborted) return;
    const timer = setTimeout(
      () => {
        alarm = undefined;
        pump();
      },
      Math.max(1, at - performance.now()),
    );
    alarm = { at, timer };
  }

  async function send(call: Call, kind: Kind) {
    openCalls[kind]++;
    for (const lane of call.lanes) {
      // To the end of the line, so that no lane starves another.
      lanes.delete(lane.name);
      lanes.set(lane.name, lane);
    }
    for (const { ticket } of call.entries) ticket.sent();
    const deliveries = await deliver(call);
    openCalls[kind]--;
    if (room.troubled > 0) trouble.note(call.entries, deliveries);
    conclude(call, deliveries);
    pump();
  }

  async function deliver({ entries }: Call): Promise<readonly Delivery[]> {
    const items = entries.map((entry) => entry.routed);
    try {
      return await sink.publish(items, closing.signal);
    } catch (thrown) {
      const error = toBridgeError(thrown);
      return items.map(() => ({ status: 'unknown', error }));
    }
  }

  /** Step 4: each event goes by its error's disposition. */
  function conclude(call: Call, deliveries: readonly Delivery[]) {
    const again = new Map<string, Retry>();
    const halted = new Map<string, BridgeError>();
    call.entries.forEach((entry, at) => {
      const delivery = deliveries[at] ?? missing;
      const { destination, lane } = entry.routed;
      if (delivery.status === 'confirmed') {
        noteSuccess(laneOf(lane));
        entry.ticket.settle(entry.index, { status: 'confirmed', destination, receipt: delivery.receipt });
        return;
      }
      const error = halted.get(lane) ?? delivery.error;
      if (error.disposition === 'poison' && entry.ticket.guard?.onPoison !== 'stop') {
        refuse(entry, error, laneOf(lane).attempts + 1);
      } else if (error.disposition === 'poison') {
        const stopped = poisonStopped(error);
        halted.set(lane, stopped);
        failRun(entry.ticket, stopped);
      } else if (error.disposition === 'fatal') {
        halted.set(lane, error);
        failRun(entry.ticket, error);
      } else {
        const askedMs = error.retryAfterMs ?? 0;
        const retry = again.get(lane);
        if (!retry) again.set(lane, { entries: [entry], error, askedMs });
        else {
          retry.entries.push(entry);
          retry.askedMs = Math.max(retry.askedMs, askedMs);
        }
      }
    });
    for (const { ticket } of call.entries) ticket.landed();
    for (const entry of call.entries) if (isSerial(entry.ticket)) turns.ended(entry);
    release(call.lanes, again, halted);
  }

  /** Lanes that failed together wait together, so that they are coalesced again. A fatal error fails its whole lane, to keep order. */
  function release(used: readonly Lane[], again: ReadonlyMap<string, Retry>, halted: ReadonlyMap<string, BridgeError>) {
    const draw = Math.random();
    const reported = new Set<FeedName>();
    for (const lane of used) {
      lane.busy = false;
      const fatal = halted.get(lane.name);
      const retry = again.get(lane.name);
      if (retry) lane.queue = [...retry.entries, ...lane.queue];
      if (fatal) for (const { ticket } of lane.queue) failRun(ticket, fatal);
      if (!hasWork(lane)) {
        forget(lane);
      } else if (retry) {
        noteFailure(lane, retry.error);
        const delayMs = politeBackoffMs(backoff, lane.attempts, retry.askedMs, () => draw);
        lane.dueAt = performance.now() + delayMs;
        delayed.add(lane);
        const { error } = retry;
        for (const { ticket } of retry.entries) {
          const { feed: subject } = ticket;
          if (reported.has(subject)) continue;
          reported.add(subject);
          report({ event: 'attempt.failed', subject, activity: 'publish', error, attempt: lane.attempts, delayMs });
        }
      } else {
        noteSuccess(lane);
        lane.dueAt = 0;
        delayed.delete(lane);
      }
    }
  }

  return {
    async publish(
      envelopes: readonly Envelope[],
      feed: FeedName,
      signal: AbortSignal,
      occurrences?: readonly string[],
      guard?: Guard,
      deadline?: number,
    ) {
      if (envelopes.length === 0) return [];
      if (signal.aborted || closing.signal.aborted) throw new BridgeError('STOPPING', 'stopped before publishing');
      if (deadline !== undefined && Date.now() >= deadline) throw tooLate();
      const run = runOf(signal);
      if (run.failure) throw run.failure;
      const ticket = createTicket(envelopes.length, feed, run, guard);
      envelopes.forEach((envelope, index) => {
        const { partitionkey: key } = envelope.attributes;
        if (guard?.isParked(key)) {
          guard.aside(index, parked);
          ticket.settle(index, parked);
          return;
        }
        try {
          const unfit = guard?.unfit(index);
          if (unfit) throw unfit;
          const entry: Entry = { routed: sink.route(envelope, feed, occurrences?.[index]), ticket, index };
          enqueue(laneOf(entry.routed.lane), entry);
          if (isSerial(ticket)) turns.enter(entry);
        } catch (thrown) {
          const error = toBridgeError(thrown);
          if (error.disposition !== 'poison') failRun(ticket, error);
          else if (isSerial(ticket)) turns.enter({ ticket, index, key, refusal: error });
          else ticket.settle(index, { status: 'poison', error, attempts: 1 });
        }
      });
      if (deadline === undefined) pumping.soon();
      else {
        // Somebody waits for an answer, and mostly many do.
        expireAt(deadline, ticket, deadlines, dropLate);
        pumping.nextTurn();
      }
      return await ticket.promise;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearTimeout(alarm?.timer);
      await sink[Symbol.asyncDispose]();
    },
  };
}

const parked = { status: 'parked' } as const;

const missing: Delivery = {
  status: 'unknown',
  error: new BridgeError('INTERNAL', 'the sink gave no delivery for an event'),
};
