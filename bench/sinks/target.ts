import { createEnvelope, type Envelope, encodeStructured } from '../../src/core/envelope.ts';
import type { BridgeError } from '../../src/core/errors.ts';
import { createLanesPublisher } from '../../src/pipeline/lanes.ts';
import type { BareMessage } from '../support/bare-client.ts';
import type { SinkSubject } from './sink-subject.ts';

/** What a case drives: the bridge's way to a broker, or the bare library's. */
export interface Target extends AsyncDisposable {
  /** Sends so many events of 1 KiB, spread over so many lanes from this one on. Resolves when all are confirmed. */
  send(events: number, lane: number, lanes: number): Promise<void>;
}

/** `bareInOrder`: the library, used so that order outlives a refusal, where its best does not do that. */
export type Side = 'bare' | 'bareInOrder' | 'feedferry';

const eventBytes = 1_024;

function makeEvent(lane: number): Envelope {
  const attributes = {
    specversion: '1.0' as const,
    id: `0f0e0d0c-0b0a-4908-8706-${String(lane).padStart(12, '0')}`,
    source: '/bench/sinks',
    type: 'com.example.measured',
    datacontenttype: 'application/json',
    partitionkey: `lane-${lane}`,
  };
  const withData = (data: string) => createEnvelope(attributes, { kind: 'json', bytes: Buffer.from(data) });
  const missing = eventBytes - encodeStructured(withData('""')).length;
  return withData(JSON.stringify('x'.repeat(missing)));
}

let sent = 0;

/** As long as the one that it replaces. */
function freshId(): string {
  return `0f0e0d0c-0b0a-4908-8706-${String(sent++).padStart(12, '0')}`;
}

/** One event a lane, made once: what is measured is the way from there to the broker. */
function spread<Item>(made: Map<number, Item>, make: (lane: number) => Item, { events, lane, lanes }: Run) {
  return Array.from({ length: events }, (_, index) => {
    const own = (lane + index) % lanes;
    const known = made.get(own);
    if (known !== undefined) return known;
    const item = make(own);
    made.set(own, item);
    return item;
  });
}

interface Run {
  readonly events: number;
  readonly lane: number;
  readonly lanes: number;
}

export async function openTarget(side: Side, subject: SinkSubject, destination: string): Promise<Target> {
  return side === 'feedferry' ? openOurs(subject, destination) : openBare(subject, destination);
}

async function openBare(subject: SinkSubject, destination: string): Promise<Target> {
  const client = await subject.openBare();
  const made = new Map<number, BareMessage>();
  const make = (lane: number): BareMessage => {
    const event = makeEvent(lane);
    return { id: event.attributes.id, key: Buffer.from(`lane-${lane}`), value: encodeStructured(event) };
  };
  const renew = (message: BareMessage): BareMessage => ({ ...message, id: freshId() });
  return {
    async send(events, lane, lanes) {
      const messages = spread(made, make, { events, lane, lanes });
      await client.send(destination, subject.freshIds ? messages.map(renew) : messages);
    },
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}

function renewed({ attributes, data }: Envelope): Envelope {
  return { attributes: { ...attributes, id: freshId() }, data };
}

async function openOurs(subject: SinkSubject, destination: string): Promise<Target> {
  let failure: BridgeError | undefined;
  const publisher = createLanesPublisher(await subject.openSink(destination), (event) => {
    if (event.event === 'attempt.failed') failure = event.error;
  });
  const { signal } = new AbortController();
  const made = new Map<number, Envelope>();
  return {
    async send(events, lane, lanes) {
      const known = spread(made, makeEvent, { events, lane, lanes });
      const envelopes = subject.freshIds ? known.map(renewed) : known;
      const settled = await publisher.publish(envelopes, 'bench/sinks', signal);
      for (const settlement of settled) if (settlement.status === 'poison') failure = settlement.error;
      if (failure) throw failure;
    },
    [Symbol.asyncDispose]: () => publisher[Symbol.asyncDispose](),
  };
}
