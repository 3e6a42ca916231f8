import { expect, test } from 'vitest';
import { createGrowth } from '../../../src/state/spool/growth.ts';

/** Samples every two seconds, from a rate in bytes per second. */
function watch(
  growth: ReturnType<typeof createGrowth>,
  start: { bytes: number; at: number },
  seconds: number,
  rate: number,
) {
  const now = { ...start };
  for (let n = 0; n < seconds; n += 2) {
    now.at += 2_000;
    now.bytes += rate * 2;
    growth.sample(now.bytes, now.at);
  }
  return now;
}

test('says nothing before it has seen some seconds', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  watch(growth, { bytes: 0, at: 0 }, 8, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeUndefined();
});

test('a steady growth is told as it is', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  watch(growth, { bytes: 0, at: 0 }, 60, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000_000, -3);
});

test('what is as full as before, or less, is never full', () => {
  const growth = createGrowth();
  growth.sample(50_000, 0);
  const then = watch(growth, { bytes: 50_000, at: 0 }, 60, 0);
  expect(growth.timeToFullMs(1_000)).toBeUndefined();
  watch(growth, then, 20, -1_000);
  expect(growth.timeToFullMs(1_000)).toBeUndefined();
});

test('a new rate shows within minutes', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  const quiet = watch(growth, { bytes: 0, at: 0 }, 3_600, 0);
  watch(growth, quiet, 120, 1_000);
  const early = growth.timeToFullMs(1_000_000) ?? 0;
  expect(early).toBeGreaterThan(1_200_000);
  expect(early).toBeLessThan(2_000_000);
  watch(growth, { bytes: 120_000, at: quiet.at + 120_000 }, 600, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeLessThan(1_050_000);
});
