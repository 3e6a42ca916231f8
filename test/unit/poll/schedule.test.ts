import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Schedule } from '../../../src/core/schedule.ts';
import { nextPollMs } from '../../../src/sources/poll/next-poll.ts';
import { createPolledFeed } from '../../support/polled-feed.ts';

const at = (text: string) => new Date(text);

/** When it would be asked next, and after that, seen from `from`. */
function runs(schedule: Schedule, from: string, count: number): readonly string[] {
  const times: string[] = [];
  let now = at(from);
  while (times.length < count) {
    now = new Date(now.getTime() + nextPollMs(schedule, now));
    times.push(now.toISOString());
  }
  return times;
}

describe('the schedule of an idle feed', () => {
  it('varies the interval by its jitter, either way', () => {
    const schedule: Schedule = { kind: 'every', everyMs: 15_000, jitter: 0.1 };
    expect(nextPollMs(schedule, at('2026-01-01'), () => 0)).toBe(13_500);
    expect(nextPollMs(schedule, at('2026-01-01'), () => 0.5)).toBe(15_000);
    expect(nextPollMs(schedule, at('2026-01-01'), () => 0.999999)).toBe(16_500);
  });

  it('follows a cron pattern in its time zone', () => {
    const schedule: Schedule = { kind: 'cron', cron: '*/30 7-8 * * 1-5', timezone: 'Europe/Dublin' };
    expect(runs(schedule, '2026-07-10T07:10:00Z', 3)).toEqual([
      '2026-07-10T07:30:00.000Z',
      '2026-07-13T06:00:00.000Z',
      '2026-07-13T06:30:00.000Z',
    ]);
  });

  it('keeps local time across the change to and from summer time', () => {
    const schedule: Schedule = { kind: 'cron', cron: '0 9 * * *', timezone: 'Europe/Dublin' };
    expect(runs(schedule, '2026-03-27T12:00:00Z', 3)).toEqual([
      '2026-03-28T09:00:00.000Z',
      '2026-03-29T08:00:00.000Z',
      '2026-03-30T08:00:00.000Z',
    ]);
    expect(runs(schedule, '2026-10-23T12:00:00Z', 3)).toEqual([
      '2026-10-24T08:00:00.000Z',
      '2026-10-25T09:00:00.000Z',
      '2026-10-26T09:00:00.000Z',
    ]);
  });

  it('asks at least once in the night when an hour is missing, and never stands still in the one when it comes twice', () => {
    const schedule: Schedule = { kind: 'cron', cron: '30 1 * * *', timezone: 'Europe/Dublin' };
    for (const from of ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z']) {
      for (const [n, time] of runs(schedule, from, 3).entries()) {
        expect(at(time).getTime() - at(from).getTime()).toBeLessThan((n + 1.1) * 86_400_000);
      }
    }
    const often: Schedule = { kind: 'cron', cron: '*/10 * * * *', timezone: 'Europe/Dublin' };
    expect(runs(often, '2026-10-25T00:00:00Z', 18).at(-1)).toBe('2026-10-25T03:00:00.000Z');
    expect(runs(often, '2026-03-29T00:00:00Z', 18).at(-1)).toBe('2026-03-29T03:00:00.000Z');
  });

  it('is always in the future, also at the very moment of a run', () => {
    const schedule: Schedule = { kind: 'cron', cron: '* * * * *', timezone: 'UTC' };
    expect(nextPollMs(schedule, at('2026-01-01T00:00:00.000Z'))).toBe(60_000);
    expect(nextPollMs(schedule, at('2026-01-01T00:00:59.999Z'))).toBe(1);
  });

  it('looks in once a day when its pattern never comes again', () => {
    const schedule: Schedule = { kind: 'cron', cron: '0 0 0 1 1 * 2020', timezone: 'UTC' };
    expect(nextPollMs(schedule, at('2026-01-01T00:00:00Z'))).toBe(86_400_000);
  });
});

describe('a polled feed', () => {
  beforeEach(() => void vi.useFakeTimers({ now: at('2026-01-01T00:00:30Z') }));
  afterEach(() => void vi.useRealTimers());

  it('asks again at once while more is waiting, and as scheduled when not', async () => {
    const polled = createPolledFeed();
    for (const id of ['1', '2', '3']) polled.upstream.offer(id, `event-${id}`);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(14_999);
    expect(polled.upstream.completed).toEqual(['1', '2', '3']);
    expect(polled.upstream.requests).toHaveLength(6);
    await vi.advanceTimersByTimeAsync(1);
    expect(polled.upstream.requests).toHaveLength(7);
    expect(polled.recorder.of('feed.idle')).toHaveLength(1);
    polled.upstream.offer('4', 'event-4');
    await vi.advanceTimersByTimeAsync(15_000);
    expect(polled.upstream.completed).toHaveLength(4);
    await polled.runner.stop(1);
  });

  it('asks when it is started, and then when its cron pattern says', async () => {
    const polled = createPolledFeed({ schedule: { kind: 'cron', cron: '*/5 * * * *', timezone: 'UTC' } });
    const started = performance.now();
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(15 * 60_000);
    expect(polled.upstream.requests.map(({ at }) => Math.round((at - started) / 1_000))).toEqual([0, 270, 570, 870]);
    await polled.runner.stop(1);
  });

  it('can wait for longer than a timer can run', async () => {
    const polled = createPolledFeed({ schedule: { kind: 'cron', cron: '0 0 1 12 *', timezone: 'UTC' } });
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(300 * 86_400_000);
    expect(polled.upstream.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(60 * 86_400_000);
    expect(polled.upstream.requests).toHaveLength(2);
    await polled.runner.stop(1);
  });
});
