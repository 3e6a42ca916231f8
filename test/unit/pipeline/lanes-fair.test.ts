import { describe, expect, it } from 'vitest';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { confirmAll, createFakeSink, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const feed = 'sample/feed';
const ignore = () => {};
const quick = { baseMs: 1, capMs: 2, jitter: 'full' } as const;

/** `a1`, `a2`, … up to `deep`, then `b1`, … */
function deepLanes(names: string, deep: number) {
  return [...names].flatMap((lane) => Array.from({ length: deep }, (_, n) => sampleEvent(`${lane}${n + 1}`, lane)));
}

describe('the lanes publisher, for a sink that sends a lane one event after the other', () => {
  it('fills a call from many lanes, each in order, and takes turns', async () => {
    const sink = createFakeSink({ perLane: 2, maxCall: { events: 6 } });
    await createLanesPublisher(sink, ignore).publish(deepLanes('abcd', 4), feed, signal);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([
      ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'],
      ['d1', 'd2', 'a3', 'a4', 'b3', 'b4'],
      ['c3', 'c4', 'd3', 'd4'],
    ]);
    expect(sink.breaches).toEqual([]);
  });

  it('lets a deep lane go on alone where there is no other', async () => {
    const sink = createFakeSink({ perLane: 2, maxOpenCalls: 3 });
    await createLanesPublisher(sink, ignore).publish(deepLanes('a', 5), feed, signal);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1', 'a2'], ['a3', 'a4'], ['a5']]);
  });

  it('fills the call to its end when the turn of a lane is cut short there', async () => {
    const sink = createFakeSink({ perLane: 2, maxCall: { events: 3 } });
    await createLanesPublisher(sink, ignore).publish(deepLanes('ab', 2), feed, signal);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1', 'a2', 'b1'], ['b2']]);
  });

  it('counts only what somebody waits for', async () => {
    const gate = Promise.withResolvers<void>();
    const hold = inTurn(async (call) => {
      await gate.promise;
      return confirmAll(call);
    }, confirmAll);
    const sink = createFakeSink({ perLane: 2, answer: hold });
    const publisher = createLanesPublisher(sink, ignore);
    const end = new AbortController();
    const first = publisher.publish([sampleEvent('z1', 'z')], feed, signal);
    await new Promise(setImmediate);
    const kept = [publisher.publish([sampleEvent('a1', 'a')], feed, signal)];
    const dropped = publisher.publish(deepLanes('a', 3), feed, end.signal).catch(() => 'dropped');
    kept.push(publisher.publish([sampleEvent('a5', 'a')], feed, signal));
    end.abort();
    expect(await dropped).toBe('dropped');
    gate.resolve();
    await Promise.all([first, ...kept]);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['z1'], ['a1', 'a5']]);
  });

  it('sends again what was refused before what had not been its turn', async () => {
    const sink = createFakeSink({
      perLane: 2,
      maxCall: { events: 4 },
      answer: inTurn(refusing({ a1: failed() }), confirmAll),
    });
    await createLanesPublisher(sink, ignore, quick).publish(deepLanes('ab', 4), feed, signal);
    expect(sink.confirmed.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(sink.breaches).toEqual([]);
  });
});
