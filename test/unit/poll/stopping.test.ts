import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cursorProtocol } from '../../support/fake-protocol.ts';
import { failed } from '../../support/fake-sink.ts';
import type { Call, Fault } from '../../support/fake-upstream.ts';
import { createPolledFeed, type PolledFeed } from '../../support/polled-feed.ts';

const only = (failing: Call, fault: Fault) => (call: Call) => (call === failing ? fault : undefined);
const retryAfter: Fault = { kind: 'status', status: 503, headers: { 'retry-after': '900' } };

async function running(misbehave: (call: Call) => Fault | undefined, ms: number, polled = createPolledFeed()) {
  polled.upstream.offer('1', 'event-1');
  polled.upstream.misbehave = misbehave;
  polled.runner.resume();
  await vi.advanceTimersByTimeAsync(ms);
  return polled;
}

/** Stops the feed; the clock stands still meanwhile, unless it takes the whole grace. */
async function stop({ runner }: PolledFeed, graceMs: number) {
  const began = performance.now();
  const stopped = runner.stop(graceMs);
  await vi.advanceTimersByTimeAsync(graceMs === 0 ? 1 : 0);
  const end = await stopped;
  expect(performance.now() - began).toBeLessThanOrEqual(1);
  expect(vi.getTimerCount()).toBe(0);
  return end;
}

describe('a polled feed that is stopped', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  for (const [where, misbehave] of [
    ['waits for its schedule', () => undefined],
    ['waits for an answer', only('next', { kind: 'hang' })],
    ['backs off', only('next', { kind: 'status', status: 500 })],
    ['waits as Retry-After asks', only('next', retryAfter)],
    ['waits to ask for a malformed batch again', only('next', { kind: 'garbage' })],
    ['is halted', only('next', { kind: 'status', status: 404 })],
    ['keeps its pace', (call) => (call === 'next' ? { kind: 'lost', done: false } : undefined)],
  ] satisfies [string, (call: Call) => Fault | undefined][]) {
    it(`ends at once while it ${where}`, async () => {
      const polled = await running(misbehave, 10_000);
      const asked = polled.upstream.requests.length;
      expect(await stop(polled, 25_000)).toEqual({ drained: true });
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(polled.upstream.requests).toHaveLength(asked);
    });
  }

  for (const [where, misbehave] of [
    ['waits for the answer to a complete', only('complete', { kind: 'hang' })],
    ['backs off after a complete', only('complete', { kind: 'status', status: 500 })],
    ['waits as Retry-After to a complete asks', only('complete', retryAfter)],
  ] satisfies [string, (call: Call) => Fault | undefined][]) {
    it(`ends at once when its grace is over while it ${where}, and completes the batch after the next start`, async () => {
      const polled = await running(misbehave, 10_000);
      expect(polled.sink.confirmed).toEqual(['event-1']);
      expect(await stop(polled, 0)).toEqual({ drained: false });
      expect(polled.recorder.of('batch.returned')).toEqual([]);
      polled.upstream.misbehave = () => undefined;
      polled.runner.resume();
      await vi.advanceTimersByTimeAsync(1_000);
      expect(polled.upstream.completed).toEqual(['1']);
      expect(polled.sink.confirmed).toEqual(['event-1']);
      await polled.runner.stop(1);
    });
  }

  it('ends at once when its grace is over while it waits for the answer to the next that decides', async () => {
    const polled = await running((call) => (call === 'complete' ? { kind: 'status', status: 500 } : undefined), 0);
    polled.upstream.misbehave = () => ({ kind: 'hang' });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(polled.upstream.requests.at(-1)?.call).toBe('next');
    await stop(polled, 0);
  });

  it('ends at once when its grace is over while a position cannot be stored', async () => {
    const polled = createPolledFeed({ protocol: cursorProtocol });
    polled.state.fail('cursors.set 1', 'STATE_UNWRITABLE');
    await running(() => undefined, 10_000, polled);
    expect(polled.sink.confirmed).toEqual(['event-1']);
    await stop(polled, 0);
  });

  it('ends at once when its grace is over while the broker does not confirm, and completes nothing', async () => {
    const polled = createPolledFeed({ answer: ({ items }) => items.map(() => failed()) });
    await running(() => undefined, 10_000, polled);
    await stop(polled, 0);
    expect(polled.recorder.of('batch.returned')).toMatchObject([{ batchId: '1', error: { code: 'STOPPING' } }]);
    expect(polled.upstream.completed).toEqual([]);
    expect(polled.recorder.of('feed.foreign-complete')).toEqual([]);
  });

  it('completes what is in flight within its grace, and asks for nothing more', async () => {
    const polled = createPolledFeed();
    polled.upstream.offer('1', 'event-1');
    polled.upstream.offer('2', 'event-2');
    polled.upstream.misbehave = (call, nth) =>
      call === 'complete' && nth === 1 ? { kind: 'status', status: 500 } : undefined;
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(0);
    const stopped = polled.runner.stop(25_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await stopped).toEqual({ drained: true });
    expect(polled.upstream.completed).toEqual(['1']);
    expect(polled.sink.confirmed).toEqual(['event-1']);
    expect(polled.upstream.requests.map(({ call }) => call)).toEqual(['next', 'complete', 'next', 'complete']);
  });
});
