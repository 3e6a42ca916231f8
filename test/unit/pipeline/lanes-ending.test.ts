import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackoffPolicy } from '../../../src/pipeline/backoff.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { type Answer, confirmAll, createFakeSink, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import { createRecorder } from '../../support/recorder.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const feed = 'sample/feed';
const steady: BackoffPolicy = { baseMs: 1_000, capMs: 1_000, jitter: 'upwards' };

function events(...ids: readonly string[]) {
  return ids.map((id) => sampleEvent(id, id.replace(/\d/g, '')));
}

function codeOf(publishing: Promise<unknown>): Promise<string> {
  return publishing.then(
    () => 'confirmed',
    (error: { code: string }) => error.code,
  );
}

/** Confirms, once the gate is open. */
function gated() {
  const gate = Promise.withResolvers<void>();
  const answer: Answer = async (call) => {
    await gate.promise;
    return confirmAll(call);
  };
  return { answer, open: () => gate.resolve() };
}

describe('the lanes publisher, coming to an end', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('refuses to begin once aborted', async () => {
    const sink = createFakeSink();
    const publishing = createLanesPublisher(sink, () => {}).publish(events('a1'), feed, AbortSignal.abort());
    expect(await codeOf(publishing)).toBe('STOPPING');
    expect(sink.calls).toEqual([]);
  });

  it('drops what is queued when aborted, and sends what others have queued', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer });
    const publisher = createLanesPublisher(sink, () => {});
    const [end, stay] = [new AbortController(), new AbortController()];
    const sent = codeOf(publisher.publish(events('a1'), feed, stay.signal));
    await vi.advanceTimersByTimeAsync(0);
    const dropped = codeOf(publisher.publish(events('a2', 'b1'), feed, end.signal));
    const kept = codeOf(publisher.publish(events('a3', 'b2'), feed, stay.signal));
    end.abort();
    expect(await dropped).toBe('STOPPING');
    open();
    expect(await Promise.all([sent, kept])).toEqual(['confirmed', 'confirmed']);
    expect(sink.confirmed).toEqual(['a1', 'a3', 'b2']);
    expect(sink.breaches).toEqual([]);
  });

  it('ends at once when aborted in flight, and sends nothing of that lane before the open call has ended', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer, maxOpenCalls: 5 });
    const publisher = createLanesPublisher(sink, () => {});
    const end = new AbortController();
    const aborted = codeOf(publisher.publish(events('a1'), feed, end.signal));
    await vi.advanceTimersByTimeAsync(0);
    end.abort();
    expect(await aborted).toBe('STOPPING');
    const next = codeOf(publisher.publish(events('a1', 'b1'), feed, new AbortController().signal));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1'], ['b1']]);
    open();
    expect(await next).toBe('confirmed');
    expect(sink.breaches).toEqual([]);
  });

  it('ends at once when aborted while backing off, and leaves no timer', async () => {
    const { report, seen } = createRecorder();
    const sink = createFakeSink({ answer: ({ items }) => items.map(() => failed()) });
    const end = new AbortController();
    const aborted = codeOf(createLanesPublisher(sink, report, steady).publish(events('a1', 'b1'), feed, end.signal));
    await seen('attempt.failed');
    end.abort();
    expect(await aborted).toBe('STOPPING');
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sink.calls).toHaveLength(1);
  });

  it('repeats what others wait for when the first of a lane is abandoned while backing off', async () => {
    const { report, seen } = createRecorder();
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: failed() }), confirmAll) });
    const publisher = createLanesPublisher(sink, report, steady);
    const end = new AbortController();
    const dropped = codeOf(publisher.publish(events('a1'), feed, end.signal));
    const kept = codeOf(publisher.publish(events('a2'), feed, new AbortController().signal));
    await seen('attempt.failed');
    end.abort();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await Promise.all([dropped, kept])).toEqual(['STOPPING', 'confirmed']);
    expect(sink.confirmed).toEqual(['a2']);
  });

  it('leaves no timer and no listener when idle', async () => {
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: failed() }), refusing({ b1: failed() }), confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const { signal } = new AbortController();
    const publishing = publisher.publish(events('a1', 'b1'), feed, signal);
    await vi.advanceTimersByTimeAsync(5_000);
    await publishing;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('does not wake up again and again for a lane that is due while all calls are open', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: failed() }), answer, confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const { signal } = new AbortController();
    const waiting = publisher.publish(events('a1'), feed, signal);
    await vi.advanceTimersByTimeAsync(1);
    const slow = publisher.publish(events('b1'), feed, signal);
    const timers = vi.spyOn(globalThis, 'setTimeout');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(timers.mock.calls.length).toBeLessThan(3);
    open();
    await vi.advanceTimersByTimeAsync(0);
    await Promise.all([waiting, slow]);
    expect(sink.confirmed).toEqual(['b1', 'a1']);
  });

  it('leaves no timer when it is disposed of while all it has is backing off', async () => {
    const sink = createFakeSink({ answer: ({ items }) => items.map(() => failed()) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const backingOff = codeOf(publisher.publish(events('a1'), feed, new AbortController().signal));
    await vi.advanceTimersByTimeAsync(1);
    expect(vi.getTimerCount()).toBe(1);
    await publisher[Symbol.asyncDispose]();
    expect(await backingOff).toBe('STOPPING');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up everything when disposed of, closes the sink, and takes nothing more', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: failed() }), answer) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const { signal } = new AbortController();
    const backingOff = codeOf(publisher.publish(events('a1'), feed, signal));
    await vi.advanceTimersByTimeAsync(1);
    const inFlight = codeOf(publisher.publish(events('b1'), feed, signal));
    await vi.advanceTimersByTimeAsync(1);
    const queued = codeOf(publisher.publish(events('b2'), feed, signal));

    await publisher[Symbol.asyncDispose]();
    expect(sink.calls[1]?.signal.aborted).toBe(true);
    expect(sink.disposed).toBe(true);
    expect(await Promise.all([backingOff, inFlight, queued])).toEqual(['STOPPING', 'STOPPING', 'STOPPING']);
    open();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await codeOf(publisher.publish(events('c1'), feed, signal))).toBe('STOPPING');
    expect(sink.calls).toHaveLength(2);
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
