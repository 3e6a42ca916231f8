import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { failed } from '../../support/fake-sink.ts';
import type { Call, Fault, SeenRequest } from '../../support/fake-upstream.ts';
import { createPolledFeed, type PolledFeed } from '../../support/polled-feed.ts';

const hour = 3_600_000;

function gaps(requests: readonly SeenRequest[]): readonly number[] {
  return requests.slice(1).map(({ at }, n) => at - (requests[n]?.at ?? 0));
}

function busyFeed(misbehave: (call: Call, nth: number) => Fault | undefined) {
  const polled = createPolledFeed();
  for (let n = 0; n < 5_000; n++) polled.upstream.offer(`${n}`, `event-${n}`);
  polled.upstream.misbehave = misbehave;
  return polled;
}

/** Gives what is in flight back at once. */
async function end({ runner }: PolledFeed) {
  const stopped = runner.stop(0);
  await vi.advanceTimersByTimeAsync(1);
  await stopped;
}

const only = (failing: Call, fault: Fault) => (call: Call) => (call === failing ? fault : undefined);

describe('a feed whose upstream fails for an hour', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  for (const [how, misbehave, unsuspecting = 1] of [
    ['by 500 to next', only('next', { kind: 'status', status: 500 })],
    ['by 429 without a word on when', only('next', { kind: 'status', status: 429 })],
    ['by Retry-After: 0', only('next', { kind: 'status', status: 503, headers: { 'retry-after': '0' } })],
    ['by 401', only('next', { kind: 'status', status: 401 })],
    ['by 404 to next', only('next', { kind: 'status', status: 404 })],
    ['by lost connections', only('next', { kind: 'lost', done: false })],
    ['by garbage', only('next', { kind: 'garbage' })],
    ['by 500 to complete', only('complete', { kind: 'status', status: 500 })],
    ['by 500 to complete, having done it', only('complete', { kind: 'done-but', status: 500 })],
    ['by 404 to complete', only('complete', { kind: 'status', status: 404 })],
    ['by completes that get lost', only('complete', { kind: 'lost', done: false })],
    ['by completes that are accepted and do nothing', only('complete', { kind: 'lie' }), 2],
    ['by 500 to everything', (): Fault => ({ kind: 'status', status: 500 })],
  ] satisfies [string, (call: Call, nth: number) => Fault | undefined, number?][]) {
    it(`gets at most one request a second: ${how}`, async () => {
      const polled = busyFeed(misbehave);
      polled.runner.resume();
      await vi.advanceTimersByTimeAsync(hour);
      // Until the first failure shows, requests follow each other at once.
      const failing = polled.upstream.requests.slice(unsuspecting);
      expect(failing.length).toBeGreaterThan(3);
      expect(Math.min(...gaps(failing))).toBeGreaterThanOrEqual(1_000);
      expect(new Set(polled.sink.confirmed).size).toBe(polled.sink.confirmed.length);
      await end(polled);
    });
  }

  it('gets at most 3,600 requests though every other one works', async () => {
    const polled = busyFeed((_, nth) => (nth % 2 === 1 ? { kind: 'status', status: 500 } : undefined));
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(hour);
    expect(polled.upstream.requests.length).toBeLessThanOrEqual(3_600);
    expect(polled.upstream.completed.length).toBeGreaterThan(500);
    await end(polled);
  });

  it('is not asked again and again when the broker refuses what it gives', async () => {
    const polled = createPolledFeed({ answer: ({ items }) => items.map(() => failed('DESTINATION_MISSING')) });
    polled.upstream.offer('1', 'event-1');
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(hour);
    expect(polled.upstream.requests.length).toBeLessThanOrEqual(13);
    await end(polled);
  });

  it('backs off up to 30 seconds, and half of that again', async () => {
    const polled = busyFeed(only('next', { kind: 'status', status: 500 }));
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(hour);
    const late = gaps(polled.upstream.requests).slice(6);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...late)).toBeLessThanOrEqual(45_001);
    await end(polled);
  });

  it('flows at full speed again once upstream is well', async () => {
    const polled = busyFeed((call, nth) =>
      call === 'complete' && nth === 1 ? { kind: 'status', status: 500 } : undefined,
    );
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(polled.upstream.completed).toHaveLength(5_000);
    await end(polled);
  });
});

describe('Retry-After', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const retryAfter = (value: string): Fault => ({ kind: 'status', status: 503, headers: { 'retry-after': value } });

  async function firstGap(misbehave: (call: Call, nth: number) => Fault | undefined, from = 0) {
    const polled = busyFeed(misbehave);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(hour);
    await end(polled);
    return { gap: gaps(polled.upstream.requests)[from] ?? 0, ...polled };
  }

  it('is honoured by next', async () => {
    const { gap, recorder } = await firstGap((call, nth) =>
      call === 'next' && nth === 1 ? retryAfter('120') : undefined,
    );
    expect(gap).toBeGreaterThanOrEqual(120_000);
    expect(gap).toBeLessThan(121_000);
    expect(recorder.of('attempt.failed')[0]).toMatchObject({ delayMs: 120_000, activity: 'next' });
  });

  it('is honoured by complete, before next is asked', async () => {
    const { gap } = await firstGap(
      (call, nth) => (call === 'complete' && nth === 1 ? retryAfter('120') : undefined),
      1,
    );
    expect(gap).toBeGreaterThanOrEqual(120_000);
    expect(gap).toBeLessThan(121_000);
  });

  it('is honoured as a date', async () => {
    const at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 300_000).toUTCString();
    const { gap } = await firstGap((call, nth) => (call === 'next' && nth === 1 ? retryAfter(at) : undefined));
    expect(gap).toBeGreaterThanOrEqual(299_000);
    expect(gap).toBeLessThan(302_000);
  });

  it('is followed for a quarter of an hour at most', async () => {
    const { gap } = await firstGap((call, nth) => (call === 'next' && nth === 1 ? retryAfter('86400') : undefined));
    expect(gap).toBeGreaterThanOrEqual(900_000);
    expect(gap).toBeLessThan(901_000);
  });

  it('never makes a wait shorter than the own back-off', async () => {
    const { gap } = await firstGap((call, nth) => (call === 'next' && nth === 1 ? retryAfter('0') : undefined));
    expect(gap).toBeGreaterThanOrEqual(1_000);
  });
});
