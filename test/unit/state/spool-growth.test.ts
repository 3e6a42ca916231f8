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

test('a new rate is told as it is after a minute, and shows before that', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  const quiet = watch(growth, { bytes: 0, at: 0 }, 3_600, 0);
  const soon = watch(growth, quiet, 30, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(2_000_000, -3);
  watch(growth, soon, 30, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000_000, -3);
});

test('what is drained while it is filled is never full, from ten seconds on', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  const filled = watch(growth, { bytes: 0, at: 0 }, 600, 1_000_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000, -1);
  watch(growth, filled, 10, -1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeUndefined();
});

test('what is filled again after it was drained is told within ten seconds', () => {
  const growth = createGrowth();
  growth.sample(1_000_000, 0);
  const drained = watch(growth, { bytes: 1_000_000, at: 0 }, 20, -50_000);
  watch(growth, drained, 10, 1_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000_000, -3);
});

test('what comes in bursts is told by their average', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  let now = { bytes: 0, at: 0 };
  for (let n = 0; n < 10; n += 1) now = watch(growth, watch(growth, now, 10, 2_000), 10, 0);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000_000, -3);
});

test('a time in which nothing could be watched counts as it was', () => {
  const growth = createGrowth();
  growth.sample(0, 0);
  growth.sample(600_000, 600_000);
  expect(growth.timeToFullMs(1_000_000)).toBeCloseTo(1_000_000, -3);
});
