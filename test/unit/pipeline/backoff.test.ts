import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { backoffMs, brokerBackoff, upstreamBackoff, wait } from '../../../src/pipeline/backoff.ts';

const least = () => 0;
const most = () => 0.999999;

describe('the back-off', () => {
  it('towards the broker doubles from 0.2 s to 5 s, and draws from all of it', () => {
    expect([1, 2, 3, 6, 100].map((attempt) => backoffMs(brokerBackoff, attempt, most))).toEqual([
      200, 400, 800, 5_000, 5_000,
    ]);
    expect(backoffMs(brokerBackoff, 5, least)).toBe(0);
  });

  it('towards the upstream doubles from 1 s to 30 s, and never draws less', () => {
    expect([1, 2, 3, 6, 10_000].map((attempt) => backoffMs(upstreamBackoff, attempt, least))).toEqual([
      1_000, 2_000, 4_000, 30_000, 30_000,
    ]);
    expect(backoffMs(upstreamBackoff, 6, most)).toBe(45_000);
  });
});

describe('a wait', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('takes as long as told, also for longer than a timer can run, and leaves nothing behind', async () => {
    for (const ms of [0, 1, 250, 2 ** 31 - 1, 2 ** 31, 2 ** 33 + 5]) {
      const { signal } = new AbortController();
      let over = false;
      const waiting = wait(ms, signal).then(() => {
        over = true;
      });
      await vi.advanceTimersByTimeAsync(Math.max(0, ms - 1));
      if (ms > 1) expect(over).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await waiting;
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
  });

  it('ends at once when aborted, before or meanwhile, and leaves nothing behind', async () => {
    await expect(wait(1_000, AbortSignal.abort())).rejects.toMatchObject({ code: 'STOPPING' });
    const end = new AbortController();
    const waiting = wait(2 ** 33, end.signal);
    end.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'STOPPING' });
    expect(getEventListeners(end.signal, 'abort')).toEqual([]);
  });
});
