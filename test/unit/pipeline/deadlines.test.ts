import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDeadlines } from '../../../src/pipeline/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('calls back when the time has come, at most 100 ms late, and never before', () => {
  const deadlines = createDeadlines();
  const start = Date.now();
  const called: [due: number, late: number][] = [];
  for (const after of [1, 99, 100, 101, 250, 7_999]) {
    deadlines.at(start + after, () => called.push([after, Date.now() - start - after]));
  }
  vi.advanceTimersByTime(8_200);
  expect(called.map(([due]) => due)).toEqual([1, 99, 100, 101, 250, 7_999]);
  for (const [, late] of called) {
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(100);
  }
});

it('has one timer for all that is due at about the same moment, and none when nothing is left', () => {
  const deadlines = createDeadlines();
  const base = Math.ceil(Date.now() / 100) * 100 + 1_000;
  const undo = Array.from({ length: 50 }, (_, at) => deadlines.at(base + at, () => {}));
  expect(vi.getTimerCount()).toBeLessThanOrEqual(2);
  for (const take of undo) take();
  expect(vi.getTimerCount()).toBe(0);
});

it('forgets what is taken back, and nothing else', () => {
  const deadlines = createDeadlines();
  const called: string[] = [];
  const both = (name: string) => deadlines.at(Date.now() + 500, () => called.push(name));
  const takeBack = both('one');
  both('other');
  takeBack();
  takeBack();
  vi.advanceTimersByTime(1_000);
  expect(called).toEqual(['other']);
});
