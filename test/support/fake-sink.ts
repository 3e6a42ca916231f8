import { BridgeError, type ErrorCode, type ErrorDetails } from '../../src/core/errors.ts';
import type { Delivery, Routed, Sink } from '../../src/core/sink.ts';

/** One call to the fake sink. */
export interface SinkCall {
  readonly items: readonly Routed[];
  readonly ids: readonly string[];
  /** Counts from 1. */
  readonly number: number;
  readonly signal: AbortSignal;
}

/** What the broker makes of a call. Gives as many deliveries as it has items. */
export type Answer = (call: SinkCall) => readonly Delivery[] | Promise<readonly Delivery[]>;

export interface FakeSink extends Sink {
  readonly calls: readonly SinkCall[];
  /** What was confirmed, in order of the confirms. */
  readonly confirmed: readonly string[];
  readonly disposed: boolean;
  /** What the publisher has done against the contract of Sink: two open calls of a lane, too many or too large calls. */
  readonly breaches: readonly string[];
}

export interface FakeSinkOptions {
  readonly answer?: Answer;
  readonly maxOpenCalls?: number;
  readonly spareCalls?: number;
  /** Where a lane goes; `topic` unless told. */
  readonly destination?: (lane: string) => string;
  readonly maxCall?: Partial<Sink['maxCall']>;
  readonly perLane?: number;
  /** Bytes of an event; 100 unless told. */
  readonly size?: (id: string) => number;
}

export const confirm: Delivery = { status: 'confirmed', receipt: { partition: 0, offset: 0 } };
export const failed = (code: ErrorCode = 'BROKER_UNAVAILABLE', details: ErrorDetails = {}): Delivery => ({
  status: 'failed',
  error: new BridgeError(code, `the broker says ${code}`, details),
});
export const unknown = (code: ErrorCode = 'BROKER_TIMEOUT', details: ErrorDetails = {}): Delivery => ({
  status: 'unknown',
  error: new BridgeError(code, `the broker says ${code}`, details),
});

/** Confirms everything. */
export const confirmAll: Answer = ({ items }) => items.map(() => confirm);

/** Refuses `refusal` for the events of these ids, holds back what follows them in their lane, and confirms the rest. */
export function refusing(refusals: Readonly<Record<string, Delivery>>): Answer {
  return ({ items }) => {
    const stopped = new Set<string>();
    return items.map(({ envelope, lane }) => {
      if (stopped.has(lane)) return failed('NOT_SENT');
      const refusal = refusals[envelope.attributes.id];
      if (refusal === undefined) return confirm;
      if (refusal.status !== 'confirmed' && refusal.error.disposition !== 'poison') stopped.add(lane);
      return refusal;
    });
  };
}

/** Answers the first call with the first, and so on; the last one for all that follow. */
export function inTurn(...answers: readonly [Answer, ...Answer[]]): Answer {
  return (call) => (answers[Math.min(call.number, answers.length) - 1] ?? confirmAll)(call);
}

/** A broker under a test's control, which watches whether the publisher keeps to the contract. */
export function createFakeSink(options: FakeSinkOptions = {}): FakeSink {
  const { answer = confirmAll, maxOpenCalls = 1, spareCalls = 0, size = () => 100 } = options;
  const { destination = () => 'topic' } = options;
  const { perLane = Number.POSITIVE_INFINITY } = options;
  const maxCall = { events: 1_000, bytes: 1_000_000, ...options.maxCall };
  const calls: SinkCall[] = [];
  const confirmed: string[] = [];
  const breaches: string[] = [];
  const busy = new Set<string>();
  let openCalls = 0;
  let disposed = false;

  function watch({ items, number }: SinkCall, lanes: ReadonlySet<string>) {
    const bytes = items.reduce((sum, item) => sum + item.bytes, 0);
    if (items.length === 0) breaches.push(`call ${number} is empty`);
    if (items.length > maxCall.events) breaches.push(`call ${number} has ${items.length} events`);
    if (items.length > 1 && bytes > maxCall.bytes) breaches.push(`call ${number} has ${bytes} bytes`);
    for (const [lane, ofLane] of Map.groupBy(items, (item) => item.lane)) {
      if (ofLane.length > perLane) breaches.push(`call ${number} has ${ofLane.length} events of lane ${lane}`);
    }
    if (openCalls > maxOpenCalls + spareCalls) breaches.push(`${openCalls} calls are open`);
    if (disposed) breaches.push(`call ${number} comes after the end`);
    for (const lane of lanes) if (busy.has(lane)) breaches.push(`lane ${lane} is in two open calls`);
  }

  return {
    maxOpenCalls,
    spareCalls,
    maxCall,
    perLane,
    calls,
    confirmed,
    breaches,
    get disposed() {
      return disposed;
    },
    route(envelope, _feed, occurrence) {
      const { id, partitionkey } = envelope.attributes;
      if (id.startsWith('unroutable')) throw new BridgeError('EVENT_UNROUTABLE', `${id} has no topic`);
      if (id.startsWith('unthinkable')) throw new Error(`${id} should not be`);
      const address = occurrence === undefined ? {} : { occurrence };
      return { envelope, destination: destination(partitionkey), address, lane: partitionkey, bytes: size(id) };
    },
    async check() {
      return [];
    },
    async publish(items, signal) {
      const ids = items.map(({ envelope }) => envelope.attributes.id);
      const call: SinkCall = { items, ids, number: calls.length + 1, signal };
      const lanes = new Set(items.map(({ lane }) => lane));
      openCalls++;
      calls.push(call);
      watch(call, lanes);
      for (const lane of lanes) busy.add(lane);
      const deliveries = await answer(call);
      for (const lane of lanes) busy.delete(lane);
      openCalls--;
      deliveries.forEach((delivery, at) => {
        if (delivery.status === 'confirmed') confirmed.push(ids[at] ?? '?');
      });
      return deliveries;
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
    },
  };
}
