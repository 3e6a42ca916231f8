import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackoffPolicy } from '../../../src/pipeline/backoff.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { confirmAll, createFakeSink, failed, inTurn, refusing, unknown } from '../../support/fake-sink.ts';
import { createRecorder } from '../../support/recorder.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const feed = 'sample/feed';
const steady: BackoffPolicy = { baseMs: 100, capMs: 400, jitter: 'upwards' };
const minutes = 60_000;

function events(...ids: readonly string[]) {
  return ids.map((id) => sampleEvent(id, id.replace(/\d/g, '')));
}

describe('the lanes publisher, when the broker asks to be left alone for a while', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  for (const [how, refusal] of [
    ['refused', failed('BROKER_UNAVAILABLE', { retryAfterMs: 7_000 })],
    ['unknown', unknown('BROKER_UNAVAILABLE', { retryAfterMs: 7_000 })],
  ] as const) {
    it(`sends nothing of a lane before that time is over, when its event was ${how}`, async () => {
      const sink = createFakeSink({ answer: inTurn(refusing({ a1: refusal }), confirmAll) });
      const { report, events: reported } = createRecorder();
      const publisher = createLanesPublisher(sink, report, steady);
      const publishing = publisher.publish(events('a1', 'a2'), feed, signal);
      await vi.advanceTimersByTimeAsync(1);
      const later = publisher.publish(events('a3'), feed, signal);
      await vi.advanceTimersByTimeAsync(6_990);
      expect(sink.calls).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(20);
      await Promise.all([publishing, later]);
      expect(sink.confirmed).toEqual(['a1', 'a2', 'a3']);
      expect(reported).toMatchObject([{ event: 'attempt.failed', delayMs: 7_000 }]);
    });
  }

  it('lets the lanes go on that it was not asked for', async () => {
    const refusal = failed('BROKER_UNAVAILABLE', { retryAfterMs: 7_000 });
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: refusal, c1: failed() }), confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const waiting = publisher.publish(events('a1', 'b1', 'c1'), feed, signal);
    await vi.advanceTimersByTimeAsync(150);
    expect(sink.confirmed).toEqual(['b1', 'c1']);
    await vi.advanceTimersByTimeAsync(7_000);
    await waiting;
  });

  it('waits for the longest time that any event of the lane was refused with', async () => {
    const answers = [
      failed(),
      failed('NOT_SENT', { retryAfterMs: 3_000 }),
      failed('NOT_SENT', { retryAfterMs: 2_000 }),
    ];
    const sink = createFakeSink({ answer: inTurn(() => answers, confirmAll) });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1', 'a2', 'a3'), feed, signal);
    await vi.advanceTimersByTimeAsync(2_990);
    expect(sink.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    await publishing;
  });

  it('backs off for longer where it was asked for less than that', async () => {
    const refusal = failed('BROKER_UNAVAILABLE', { retryAfterMs: 10 });
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: refusal }), confirmAll) });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1'), feed, signal);
    await vi.advanceTimersByTimeAsync(90);
    expect(sink.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    await publishing;
  });

  it('waits for 15 minutes at most, whatever it is asked for', async () => {
    const refusal = failed('BROKER_UNAVAILABLE', { retryAfterMs: 24 * 60 * minutes });
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: refusal }), confirmAll) });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1'), feed, signal);
    await vi.advanceTimersByTimeAsync(15 * minutes - 10);
    expect(sink.calls).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    await publishing;
  });

  it('is free at once for who comes when those that waited have given up', async () => {
    const refusal = failed('BROKER_UNAVAILABLE', { retryAfterMs: 10 * minutes });
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: refusal }), confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const end = new AbortController();
    const publishing = publisher.publish(events('a1'), feed, end.signal).catch(() => 'given up');
    await vi.advanceTimersByTimeAsync(1_000);
    end.abort();
    expect(await publishing).toBe('given up');
    await vi.advanceTimersByTimeAsync(1);
    await publisher.publish(events('a1'), feed, signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});
