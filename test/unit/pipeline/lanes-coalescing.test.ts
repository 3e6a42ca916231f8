import { describe, expect, it } from 'vitest';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { confirm, confirmAll, createFakeSink } from '../../support/fake-sink.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const feed = 'sample/feed';
const ignore = () => {};

describe('the lanes publisher, coalescing', () => {
  it('carries 64 concurrent publishes of one event in one call', async () => {
    const sink = createFakeSink();
    const publisher = createLanesPublisher(sink, ignore);

    const settled = await Promise.all(
      Array.from({ length: 64 }, (_, n) => publisher.publish([sampleEvent(`${n}`, `lane-${n % 7}`)], feed, signal)),
    );

    expect(settled.flat().map(({ status }) => status)).toEqual(new Array(64).fill('confirmed'));
    expect(sink.calls).toHaveLength(1);
    expect(sink.breaches).toEqual([]);
  });

  it('carries what came while a call was open in the next one, whatever turn it came in', async () => {
    const gate = Promise.withResolvers<void>();
    const sink = createFakeSink({
      answer: async (call) => {
        if (call.number === 1) await gate.promise;
        return confirmAll(call);
      },
    });
    const publisher = createLanesPublisher(sink, ignore);
    const all: Promise<unknown>[] = [];
    for (let n = 0; n < 64; n++) {
      all.push(publisher.publish([sampleEvent(`${n}`, `lane-${n}`)], feed, signal));
      await new Promise(setImmediate);
    }
    gate.resolve();
    await Promise.all(all);
    expect(sink.calls.map(({ ids }) => ids.length)).toEqual([1, 63]);
  });

  it('keeps the order of a lane across publishes and calls', async () => {
    const sink = createFakeSink({ maxCall: { events: 7 } });
    const publisher = createLanesPublisher(sink, ignore);
    const ids = Array.from({ length: 60 }, (_, n) => `${n}`);
    await Promise.all(
      [0, 20, 40].map((from) =>
        publisher.publish(
          ids.slice(from, from + 20).map((id) => sampleEvent(id)),
          feed,
          signal,
        ),
      ),
    );
    expect(sink.confirmed).toEqual(ids);
    expect(sink.breaches).toEqual([]);
  });

  it('keeps calls within the most events, and within the most bytes', async () => {
    const sink = createFakeSink({
      maxCall: { events: 5, bytes: 1_000 },
      size: (id) => (id.startsWith('big') ? 600 : 150),
    });
    const publisher = createLanesPublisher(sink, ignore);
    const ids = ['1', '2', '3', '4', '5', '6', 'big-1', 'big-2', '7', '8', '9'];
    await publisher.publish(
      ids.map((id) => sampleEvent(id)),
      feed,
      signal,
    );
    expect(sink.calls.map((call) => call.ids)).toEqual([
      ['1', '2', '3', '4', '5'],
      ['6', 'big-1'],
      ['big-2', '7', '8'],
      ['9'],
    ]);
    expect(sink.breaches).toEqual([]);
  });

  it('sends an event that is larger than a call may be, alone', async () => {
    const sink = createFakeSink({ maxCall: { bytes: 1_000 }, size: (id) => (id === 'huge' ? 5_000 : 10) });
    const publisher = createLanesPublisher(sink, ignore);
    await publisher.publish(
      ['1', 'huge', '2'].map((id) => sampleEvent(id)),
      feed,
      signal,
    );
    expect(sink.calls.map((call) => call.ids)).toEqual([['1'], ['huge'], ['2']]);
  });

  it('opens as many calls as the sink allows, with no lane in two of them', async () => {
    const gates: PromiseWithResolvers<void>[] = [];
    const sink = createFakeSink({
      maxOpenCalls: 3,
      maxCall: { events: 1 },
      async answer(call) {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        await gate.promise;
        return confirmAll(call);
      },
    });
    const publisher = createLanesPublisher(sink, ignore);
    const events = ['a', 'b', 'c', 'd'].flatMap((lane) => [
      sampleEvent(`${lane}1`, lane),
      sampleEvent(`${lane}2`, lane),
    ]);
    const publishing = publisher.publish(events, feed, signal);
    await new Promise(setImmediate);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1'], ['b1'], ['c1']]);

    for (let answered = 0; answered < events.length; answered++) {
      gates[answered]?.resolve();
      await new Promise(setImmediate);
    }
    await publishing;
    expect(sink.breaches).toEqual([]);
    for (const lane of ['a', 'b', 'c', 'd']) {
      expect(sink.confirmed.filter((id) => id.startsWith(lane))).toEqual([`${lane}1`, `${lane}2`]);
    }
  });

  it('lets a busy lane hold up no other', async () => {
    const sink = createFakeSink({ maxCall: { events: 10 } });
    const publisher = createLanesPublisher(sink, ignore);
    const flood = Array.from({ length: 500 }, (_, n) => sampleEvent(`flood-${n}`, 'flood'));
    const flooding = publisher.publish(flood, feed, signal);
    await publisher.publish([sampleEvent('late', 'other')], feed, signal);
    expect(sink.calls.length).toBeLessThanOrEqual(4);
    await flooding;
  });

  it('gives one settlement for each event, at the same index, with its own receipt', async () => {
    let offset = 0;
    const sink = createFakeSink({
      maxCall: { events: 2 },
      answer: ({ items }) => items.map(() => ({ ...confirm, receipt: { offset: offset++ } })),
    });
    const publisher = createLanesPublisher(sink, ignore);
    const settled = await publisher.publish(
      ['1', 'unroutable', '2', '3'].map((id) => sampleEvent(id)),
      feed,
      signal,
    );
    expect(settled).toMatchObject([
      { status: 'confirmed', destination: 'topic', receipt: { offset: 0 } },
      { status: 'poison', error: { code: 'EVENT_UNROUTABLE' }, attempts: 1 },
      { status: 'confirmed', receipt: { offset: 1 } },
      { status: 'confirmed', receipt: { offset: 2 } },
    ]);
  });

  it('settles events that can all not be routed without asking the sink', async () => {
    const sink = createFakeSink();
    const settled = await createLanesPublisher(sink, ignore).publish([sampleEvent('unroutable')], feed, signal);
    expect(settled).toMatchObject([{ status: 'poison' }]);
    expect(sink.calls).toEqual([]);
  });

  it('settles nothing at once', async () => {
    const sink = createFakeSink();
    expect(await createLanesPublisher(sink, ignore).publish([], feed, signal)).toEqual([]);
  });
});
