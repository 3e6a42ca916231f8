import { expect, test } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { type Envelope, encodeStructured } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Delivery, Routed, Sink } from '../../../src/core/sink.ts';
import type { SinkFixture, StoredEvent } from '../../conformance/sink/harness.ts';
import { sinkPromises } from '../../conformance/sink/promises.ts';

/** Ways in which a sink may be wrong, and the promise that has to find it out. */
const defects = {
  'confirms what it has dropped': 'confirms only what a reader can read',
  'stores a call backwards': 'keeps order within a lane',
  'shifts deliveries by one': 'gives one delivery for each item, at the same index',
  'leaves a delivery out': 'gives one delivery for each item, at the same index',
  'gives a delivery for nothing': 'gives no delivery for an empty call',
  'stores twice': 'stores each event once in a clean run',
  'parses and prints the data': 'data arrives byte for byte, with its partition key',
  'stamps each write': 'bytes are equal on a repeat',
  'takes a state that is reached again for a repeat': 'a state that is reached again is there again',
  'routes by chance': 'routes the same event to the same address and lane',
  'forgets all but one of many open calls':
    'calls with different lanes may be open at the same time, as many as maxOpenCalls',
  'loses one of ten thousand': '10,000 events go through in calls as full as maxCall allows',
  'goes on when closed': 'confirms nothing once it is closed',
  'confirms what is too large': 'an event over the limit is poison and its neighbours are confirmed',
  'takes neighbours for poison': 'an event over the limit is poison and its neighbours are confirmed',
  'confirms during an outage': 'ends within its deadline when the broker is away, and nothing is confirmed',
  'calls written events failed': 'ends within its deadline when the broker is away, and nothing is confirmed',
  'calls an outage fatal': 'ends within its deadline when the broker is away, and nothing is confirmed',
  'skips the first event after an outage': 'publishes again after the broker is back, in order and without loss',
  'writes in spite of an abort': 'an aborted publish confirms nothing it cannot prove',
  'confirms after a failure in the lane': 'ends within its deadline when the broker is away, and nothing is confirmed',
  'finds no fault with anything': 'check names what is missing, and nothing is confirmed there',
  'finds fault with everything': 'check finds no fault where there is none, and publishes nothing',
  'throws in check': 'check ends when it is told to, and never throws',
} as const;

type Defect = keyof typeof defects;

const limit = 100_000;

/** A broker in memory with a sink that is right, but for one defect. */
function memoryFixture(defect?: Defect): SinkFixture {
  const stored: StoredEvent[] = [];
  let away = false;
  let wasAway = false;
  let openCalls = 0;
  let writes = 0;

  function bytesOf(envelope: Envelope): Buffer {
    if (defect === 'stamps each write') return Buffer.concat([encodeStructured(envelope), Buffer.from(` ${writes}`)]);
    return encodeStructured(envelope);
  }

  function dataOf({ data }: Envelope): Uint8Array {
    if (data.kind === 'binary' || defect !== 'parses and prints the data') return data.bytes;
    return Buffer.from(JSON.stringify(JSON.parse(Buffer.from(data.bytes).toString())));
  }

  function write({ envelope }: Routed): Delivery {
    const { id, partitionkey } = envelope.attributes;
    const receipt = { offset: stored.length };
    writes += 1;
    const dropped =
      defect === 'confirms what it has dropped' ||
      (defect === 'loses one of ten thousand' && writes === 7_000) ||
      (defect === 'takes a state that is reached again for a repeat' && stored.some((other) => other.id === id)) ||
      (defect === 'forgets all but one of many open calls' && openCalls > 1) ||
      (defect === 'skips the first event after an outage' && wasAway);
    wasAway = false;
    for (let copies = dropped ? 0 : defect === 'stores twice' ? 2 : 1; copies > 0; copies -= 1) {
      stored.push({ id, partitionkey, bytes: bytesOf(envelope), data: dataOf(envelope), receipt });
    }
    return { status: 'confirmed', receipt };
  }

  const failed = (code: 'BROKER_UNREACHABLE' | 'STOPPING' | 'EVENT_TOO_LARGE' | 'DESTINATION_MISSING'): Delivery => ({
    status: 'failed',
    error: new BridgeError(code, `planted: ${code}`),
  });

  function judge(item: Routed, index: number): Delivery {
    if (away) {
      if (defect === 'confirms during an outage') return { status: 'confirmed', receipt: {} };
      if (defect === 'confirms after a failure in the lane' && index >= 4) return write(item);
      if (defect === 'calls written events failed') write(item);
      return failed(defect === 'calls an outage fatal' ? 'DESTINATION_MISSING' : 'BROKER_UNREACHABLE');
    }
    if (item.bytes > limit && defect !== 'confirms what is too large') return failed('EVENT_TOO_LARGE');
    return write(item);
  }

  function sinkTo(name: string): Sink {
    let closed = false;
    return {
      maxOpenCalls: 8,
      maxCall: { events: 500, bytes: 1024 ** 2 },
      route(envelope, feed: FeedName) {
        const lane =
          defect === 'routes by chance' ? `${feed}-${Math.random()}` : `${feed}-${envelope.attributes.partitionkey}`;
        return { envelope, destination: name, address: { name }, lane, bytes: envelope.data.bytes.length };
      },
      async check() {
        if (defect === 'throws in check') throw new Error('planted');
        const missing = name === 'missing' && defect !== 'finds no fault with anything';
        return missing || defect === 'finds fault with everything'
          ? [{ severity: 'error', subject: name, code: 'DESTINATION_MISSING', message: 'not there' }]
          : [{ severity: 'ok', subject: name, message: 'there' }];
      },
      async publish(items, signal) {
        openCalls += 1;
        await Promise.resolve();
        const refused = (closed && defect !== 'goes on when closed') || signal.aborted;
        const poisoned = defect === 'takes neighbours for poison' && items.some(({ bytes }) => bytes > limit);
        let deliveries: Delivery[];
        if (refused && defect !== 'writes in spite of an abort') deliveries = items.map(() => failed('STOPPING'));
        else if (name === 'missing') deliveries = items.map(() => failed('DESTINATION_MISSING'));
        else if (poisoned) deliveries = items.map(() => failed('EVENT_TOO_LARGE'));
        else if (defect === 'stores a call backwards') deliveries = items.toReversed().map(judge).toReversed();
        else deliveries = items.map(judge);
        openCalls -= 1;
        if (refused && !closed) return items.map(() => failed('STOPPING'));
        if (defect === 'leaves a delivery out') return deliveries.slice(1);
        if (defect === 'gives a delivery for nothing' && items.length === 0) return [failed('STOPPING')];
        return defect === 'shifts deliveries by one' ? [...deliveries.slice(1), ...deliveries.slice(0, 1)] : deliveries;
      },
      [Symbol.asyncDispose]: async () => {
        closed = true;
      },
    };
  }

  return {
    sink: sinkTo('present'),
    feeds: ['memory/a', 'memory/b'],
    deadlineMs: 1_000,
    read: async () => [...stored],
    outage: {
      begin: async () => {
        away = true;
      },
      end: async () => {
        away = false;
        wasAway = true;
      },
    },
    crash: { unsupported: 'memory does not survive' },
    oversize: { bytes: limit + 1 },
    missing: { name: 'missing', open: async () => sinkTo('missing') },
    ordered: true,
    [Symbol.asyncDispose]: async () => {},
  };
}

test.each(sinkPromises.filter(({ needs }) => !needs.includes('crash')))(
  'a sink that is right keeps: $name',
  async ({ run }) => {
    await expect(run(memoryFixture())).resolves.toBeUndefined();
  },
);

test.each(Object.entries(defects))('a sink that %s breaks: %s', async (defect, name) => {
  const promise = sinkPromises.find((candidate) => candidate.name === name);
  await expect(promise?.run(memoryFixture(defect as Defect))).rejects.toThrow();
});
