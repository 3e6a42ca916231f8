import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { confirmAll, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import type { Fault } from '../../support/fake-upstream.ts';
import { createPolledFeed, type PolledFeed } from '../../support/polled-feed.ts';

const minute = 60_000;

/** Runs a feed with these batches, of one event each, whose completes go wrong like this, for so long. */
async function run(ids: readonly string[], completes: (nth: number) => Fault | undefined, ms = 10 * minute) {
  const polled = createPolledFeed();
  for (const id of ids) polled.upstream.offer(id, `event-${id}`);
  polled.upstream.misbehave = (call, nth) => (call === 'complete' ? completes(nth) : undefined);
  polled.runner.resume();
  await vi.advanceTimersByTimeAsync(ms);
  return polled;
}

const first = (fault: Fault) => (nth: number) => (nth === 1 ? fault : undefined);

function expectFlow({ upstream, sink, recorder }: PolledFeed, ids: readonly string[]) {
  expect(upstream.completed).toEqual(ids);
  expect(sink.confirmed).toEqual(ids.map((id) => `event-${id}`));
  expect(recorder.of('feed.halted')).toEqual([]);
}

describe('a complete that is in doubt', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is settled by another batch: this one is complete, and that one comes next', async () => {
    for (const fault of [
      { kind: 'lost', done: true },
      { kind: 'lost', done: true, afterMs: 30_000 },
      { kind: 'done-but', status: 500 },
      { kind: 'done-but', status: 401 },
    ] satisfies Fault[]) {
      const polled = await run(['1', '2'], first(fault));
      expectFlow(polled, ['1', '2']);
      expect(polled.recorder.of('feed.foreign-complete')).toEqual([]);
      expect(polled.upstream.requests.slice(0, 4).map(({ call }) => call)).toEqual([
        'next',
        'complete',
        'next',
        'complete',
      ]);
      await polled.runner.stop(1);
    }
  });

  it('is settled by an empty feed', async () => {
    const polled = await run(['1'], first({ kind: 'done-but', status: 503 }));
    expectFlow(polled, ['1']);
    expect(polled.recorder.of('batch.completed')).toHaveLength(1);
    expect(polled.recorder.of('feed.idle').length).toBeGreaterThan(0);
    await polled.runner.stop(1);
  });

  it('is made again when the same batch is shown, and publishes nothing again', async () => {
    for (const fault of [
      { kind: 'lost', done: false },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 401 },
      { kind: 'status', status: 404 },
      { kind: 'status', status: 400 },
    ] satisfies Fault[]) {
      const polled = await run(['1', '2'], (nth) => (nth <= 3 ? fault : undefined));
      expectFlow(polled, ['1', '2']);
      expect(polled.recorder.of('batch.fetched')).toHaveLength(2);
      await polled.runner.stop(1);
    }
  });

  it('publishes nothing twice when every complete answers 500 after it has worked', async () => {
    const ids = Array.from({ length: 50 }, (_, n) => `${n}`);
    const polled = await run(ids, () => ({ kind: 'done-but', status: 500 }));
    expectFlow(polled, ids);
    await polled.runner.stop(1);
  });

  it('goes on trying for as long as upstream fails', async () => {
    const polled = await run(
      ['1', '2'],
      (nth) => (nth <= 200 ? { kind: 'status', status: 502 } : undefined),
      8 * 60 * minute,
    );
    expectFlow(polled, ['1', '2']);
    await polled.runner.stop(1);
  });

  it('publishes a batch that comes next under the same id with other content', async () => {
    const polled = createPolledFeed();
    polled.upstream.offer('1', 'event-1');
    polled.upstream.offer('1', 'event-2');
    polled.upstream.misbehave = (call, nth) =>
      call === 'complete' && nth === 1 ? { kind: 'lost', done: true } : undefined;
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(minute);
    expect(polled.sink.confirmed).toEqual(['event-1', 'event-2']);
    expect(polled.upstream.completed).toEqual(['1', '1']);
    await polled.runner.stop(1);
  });

  it('tells when the answer was unclear, with the delay it waits', async () => {
    const polled = await run(['1'], first({ kind: 'status', status: 404 }));
    expect(polled.recorder.of('attempt.failed')).toMatchObject([
      { subject: 'sample/feed', activity: 'complete', attempt: 1, error: { code: 'COMPLETE_UNCONFIRMED' } },
    ]);
    await polled.runner.stop(1);
  });
});

describe('a complete that is refused', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('halts the feed at the fifth time, says where the batch is, and goes on after a resume without publishing it again', async () => {
    let mended = false;
    const polled = await run(['1', '2'], () => (mended ? undefined : { kind: 'status', status: 404 }), 2 * minute);
    const { runner, recorder, upstream } = polled;
    expect(runner.state).toBe('halted');
    expect(upstream.requests.filter(({ call }) => call === 'complete')).toHaveLength(5);
    expect(recorder.of('feed.halted')).toMatchObject([
      {
        error: {
          code: 'COMPLETE_REFUSED',
          message: 'batch 1 is published (topic/0 @ 0), but complete answers 404 and next returns it again (5 times).',
          hint: expect.stringContaining('feedferry resume sample/feed'),
        },
      },
    ]);
    mended = true;
    runner.resume();
    await vi.advanceTimersByTimeAsync(minute);
    expect(upstream.completed).toEqual(['1', '2']);
    expect(polled.sink.confirmed).toEqual(['event-1', 'event-2']);
    expect(recorder.of('batch.recognised')).toHaveLength(1);
    await runner.stop(1);
  });

  it('is an alarm when another batch follows the first refusal: somebody else has completed it', async () => {
    const polled = createPolledFeed();
    const { upstream, recorder } = polled;
    upstream.offer('1', 'event-1');
    upstream.offer('2', 'event-2');
    upstream.misbehave = (call, nth) => {
      if (call === 'complete' && nth === 1) upstream.completeForeign();
      return undefined;
    };
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(minute);
    expect(recorder.of('feed.foreign-complete')).toMatchObject([
      {
        batchId: '1',
        error: { code: 'FOREIGN_COMPLETE', message: 'batch 1 was completed by somebody else before we did.' },
      },
    ]);
    expectFlow(polled, ['1', '2']);
    await polled.runner.stop(1);
  });

  it('is no alarm when an earlier complete may have worked', async () => {
    const polled = createPolledFeed();
    const { upstream, recorder } = polled;
    upstream.offer('1', 'event-1');
    upstream.offer('2', 'event-2');
    upstream.misbehave = (call, nth) => {
      if (call !== 'complete') return undefined;
      // Upstream shows the batch once more before it lets go of it.
      if (nth === 1) return { kind: 'lost', done: false };
      if (nth === 2) upstream.completeForeign();
      return undefined;
    };
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(minute);
    expect(recorder.of('feed.foreign-complete')).toEqual([]);
    expectFlow(polled, ['1', '2']);
    await polled.runner.stop(1);
  });

  it('is told from a complete that is accepted again and again and does nothing: the feed is halted likewise', async () => {
    const polled = await run(['1', '2'], () => ({ kind: 'lie' }), 2 * minute);
    const { runner, recorder, upstream, sink } = polled;
    expect(runner.state).toBe('halted');
    expect(recorder.of('feed.halted')).toMatchObject([{ error: { code: 'COMPLETE_REFUSED' } }]);
    expect(upstream.requests.filter(({ call }) => call === 'complete').length).toBeLessThanOrEqual(6);
    expect(sink.confirmed).toEqual(['event-1']);
    await runner.stop(1);
  });

  it('survives an upstream that goes on showing a batch for a moment after its complete', async () => {
    const polled = await run(['1', '2'], (nth) => (nth <= 3 ? { kind: 'lie' } : undefined));
    expectFlow(polled, ['1', '2']);
    await polled.runner.stop(1);
  });
});

describe('a batch that was given back', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function refusedOnce() {
    const polled = createPolledFeed({
      answer: inTurn(refusing({ 'event-1': failed('DESTINATION_MISSING') }), confirmAll),
    });
    polled.upstream.offer('1', 'event-1');
    polled.upstream.offer('2', 'event-2');
    return polled;
  }

  it('is published when it is shown again, and was completed by nobody else', async () => {
    const polled = refusedOnce();
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(polled.sink.confirmed).toEqual(['event-1', 'event-2']);
    expect(polled.upstream.completed).toEqual(['1', '2']);
    expect(polled.recorder.of('feed.foreign-complete')).toEqual([]);
    await polled.runner.stop(1);
  });

  it('is an alarm when it is gone: somebody else has completed it', async () => {
    const polled = refusedOnce();
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(0);
    polled.upstream.completeForeign();
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(polled.recorder.of('feed.foreign-complete')).toMatchObject([{ batchId: '1' }]);
    expect(polled.sink.confirmed).toEqual(['event-2']);
    await polled.runner.stop(1);
  });
});
