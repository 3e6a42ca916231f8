import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { createRefusalCounts } from '../../../src/http/server/refusal-counts.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { logLine } from '../../../src/telemetry/log-line.ts';

const wrong = new BridgeError('SIGNATURE_WRONG', 'header x-os1-signature matches none of 2 keys');
const missing = new BridgeError('SIGNATURE_MISSING', 'header x-os1-signature is missing');
const feed: FeedName = 'os1/callbacks';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What the log says, and how often. */
function counting() {
  const events: TelemetryEvent[] = [];
  const counts = createRefusalCounts((event) => events.push(event));
  return {
    counts,
    events,
    refuse(times = 1, { error = wrong, from = '203.0.113.7' } = {}) {
      for (let index = 0; index < times; index += 1) counts.count({ subject: feed, status: 401, error, from });
    },
    lines: () => events.splice(0).map((event) => logLine(event).message),
  };
}

describe('refusals', () => {
  it('are told at once, and then once a minute with how many there were', () => {
    const { refuse, lines } = counting();
    refuse(215);
    expect(lines()).toEqual([
      'os1/callbacks  SIGNATURE_WRONG  401 sent from 203.0.113.7: header x-os1-signature matches none of 2 keys. Published nothing.',
    ]);
    vi.advanceTimersByTime(60_000);
    expect(lines()).toEqual([
      'os1/callbacks  SIGNATURE_WRONG  401 sent 214 times in 60 s from 203.0.113.7: header x-os1-signature matches none of 2 keys. Published nothing.',
    ]);
  });

  it('that go on are told no more often: one line a minute', () => {
    const { refuse, lines } = counting();
    for (let second = 0; second < 300; second += 1) {
      refuse(10);
      vi.advanceTimersByTime(1_000);
    }
    expect(lines()).toHaveLength(1 + 5);
  });

  it('that end are told at once when they begin again', () => {
    const { refuse, lines } = counting();
    refuse(2);
    vi.advanceTimersByTime(120_000);
    expect(lines()).toHaveLength(2);
    vi.advanceTimersByTime(600_000);
    expect(lines()).toEqual([]);
    refuse();
    expect(lines()).toHaveLength(1);
  });

  it('are told for each sender and reason', () => {
    const { refuse, lines } = counting();
    refuse(3);
    refuse(2, { error: missing });
    refuse(5, { from: '2001:db8::1' });
    lines();
    vi.advanceTimersByTime(60_000);
    expect(lines().map((line) => line.replace(/:? header.*/, ''))).toEqual([
      'os1/callbacks  SIGNATURE_WRONG  401 sent 2 times in 60 s from 203.0.113.7',
      'os1/callbacks  SIGNATURE_MISSING  401 sent once in 60 s from 203.0.113.7',
      'os1/callbacks  SIGNATURE_WRONG  401 sent 4 times in 60 s from 2001:db8::1',
    ]);
  });

  it('of very many senders are told together, and none is left out of the counts', () => {
    const { refuse, lines, events } = counting();
    for (let index = 0; index < 10_000; index += 1) refuse(1, { from: `198.51.${index % 250}.${index}` });
    vi.advanceTimersByTime(60_000);
    const told = events.flatMap((event) => (event.event === 'request.refused' ? [event.times] : []));
    expect(told.reduce((sum, times) => sum + times, 0)).toBe(10_000);
    expect(lines().length).toBeLessThan(110);
  });

  it('keep nobody waiting when the listener is closed', () => {
    const { refuse, counts, lines } = counting();
    refuse(2);
    lines();
    counts[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(lines()).toEqual([]);
  });
});
