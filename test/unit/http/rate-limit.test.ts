import { describe, expect, it } from 'vitest';
import { createRateLimit } from '../../../src/http/server/rate-limit.ts';

describe('the rate of a path', () => {
  it('lets so many come at once, and then one after the other, evenly', () => {
    const limit = createRateLimit({ perSecond: 10, burst: 3 });
    expect([0, 0, 0].map((now) => limit.take(now))).toEqual([0, 0, 0]);
    expect(limit.take(0)).toBeCloseTo(100);
    expect(limit.take(100)).toBe(0);
    expect(limit.take(150)).toBeCloseTo(50);
    expect(limit.take(200)).toBe(0);
  });

  it('does not count what it refuses', () => {
    const limit = createRateLimit({ perSecond: 1, burst: 1 });
    expect(limit.take(0)).toBe(0);
    for (let again = 0; again < 1_000; again++) expect(limit.take(500)).toBeCloseTo(500);
    expect(limit.take(1_000)).toBe(0);
  });

  it('lets no more come at once after a long silence', () => {
    const limit = createRateLimit({ perSecond: 1_000, burst: 2 });
    expect(limit.take(0)).toBe(0);
    expect([1e9, 1e9].map((now) => limit.take(now))).toEqual([0, 0]);
    expect(limit.take(1e9)).toBeGreaterThan(0);
  });
});
