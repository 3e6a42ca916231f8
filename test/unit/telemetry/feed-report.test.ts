import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { createFeedReports } from '../../../src/telemetry/feed-report.ts';

const feed = 'fenergo/journey';
const other = 'fenergo/document';
const error = new BridgeError('UPSTREAM_ERROR', 'answered 503');

const fetched = (batchId: string): TelemetryEvent => ({ event: 'batch.fetched', feed, batchId, records: 10, bytes: 1 });
const confirmed = (batchId: string): TelemetryEvent => ({
  event: 'batch.confirmed',
  feed,
  batchId,
  events: 7,
  filtered: 2,
  poison: 1,
  ms: 1,
  whereabouts: '',
});
const completed = (batchId: string): TelemetryEvent => ({ event: 'batch.completed', feed, batchId, ms: 1 });
const failed = (activity: 'next' | 'complete' | 'publish', attempt: number): TelemetryEvent => ({
  event: 'attempt.failed',
  subject: feed,
  activity,
  error,
  attempt,
  delayMs: 1,
});

function reports() {
  let now = 0;
  const kept = createFeedReports([feed, other], () => now);
  return {
    tell: (at: number, ...events: TelemetryEvent[]) => {
      now = at;
      for (const event of events) kept.report(event);
    },
    of: (name: string) => {
      const found = kept.all().find((report) => report.feed === name);
      if (found === undefined) throw new Error(`no report of ${name}`);
      return found;
    },
  };
}

describe('the report of a feed', () => {
  it('counts what became of records and batches', () => {
    const { tell, of } = reports();
    tell(
      1,
      fetched('1'),
      { event: 'event.dead-lettered', feed, batchId: '1', id: 'x', error },
      { event: 'dead-letter.copied', feed, batchId: '1', id: 'x', destination: 'dead' },
      { event: 'dead-letter.copied', feed, batchId: '1', id: 'y', destination: 'dead' },
      { event: 'dead-letter.not-copied', feed, batchId: '1', id: 'z', error },
      confirmed('1'),
      completed('1'),
    );
    tell(2, fetched('2'), { event: 'batch.recognised', feed, batchId: '2' }, completed('2'));
    tell(3, fetched('3'), { event: 'batch.returned', feed, batchId: '3', error });
    expect(of(feed).counts).toEqual({
      fetched: 3,
      published: 7,
      filtered: 2,
      deadLettered: 1,
      copied: 2,
      notCopied: 1,
      completed: 2,
      returned: 1,
      recognised: 1,
    });
    expect(of(other).counts.fetched).toBe(0);
  });

  it('knows since when the oldest batch is unconfirmed and uncompleted', () => {
    const { tell, of } = reports();
    tell(10, fetched('1'));
    tell(20, fetched('2'));
    expect(of(feed)).toMatchObject({ oldestUnconfirmedSince: 10, oldestUncompletedSince: 10 });
    tell(30, confirmed('1'));
    expect(of(feed)).toMatchObject({ oldestUnconfirmedSince: 20, oldestUncompletedSince: 10 });
    tell(40, completed('1'));
    expect(of(feed)).toMatchObject({ oldestUnconfirmedSince: 20, oldestUncompletedSince: 20 });
    tell(50, { event: 'batch.returned', feed, batchId: '2', error });
    expect(of(feed)).toMatchObject({ oldestUnconfirmedSince: null, oldestUncompletedSince: null });
  });

  it('knows a batch again that upstream hands out again, and that an idle feed has none open', () => {
    const { tell, of } = reports();
    tell(10, fetched('1'), confirmed('1'), { event: 'feed.halted', feed, error, probeMs: 1 });
    tell(20, fetched('1'), { event: 'batch.recognised', feed, batchId: '1' });
    expect(of(feed)).toMatchObject({ oldestUnconfirmedSince: null, oldestUncompletedSince: 10 });
    tell(30, completed('1'));
    expect(of(feed).oldestUncompletedSince).toBeNull();
    tell(40, fetched('2'), { event: 'feed.halted', feed, error, probeMs: 1 }, { event: 'feed.idle', feed });
    expect(of(feed).oldestUncompletedSince).toBeNull();
  });

  it('takes the oldest batch where upstream gives no ids', () => {
    const { tell, of } = reports();
    tell(10, fetched(''));
    tell(20, fetched(''));
    tell(30, confirmed(''), completed(''));
    expect(of(feed).oldestUncompletedSince).toBe(20);
  });

  it('counts failures in a row of one activity, and forgets them with its success alone', () => {
    const { tell, of } = reports();
    tell(1, failed('complete', 1), failed('complete', 2), failed('next', 1));
    expect(of(feed)).toMatchObject({
      failuresInARow: 2,
      lastError: { code: 'UPSTREAM_ERROR', message: 'answered 503', at: 1 },
    });
    tell(2, fetched('1'));
    expect(of(feed).failuresInARow).toBe(2);
    tell(2, { event: 'feed.idle', feed });
    expect(of(feed).failuresInARow).toBe(2);
    tell(3, completed('1'));
    expect(of(feed).failuresInARow).toBe(0);
  });

  it('holds a failing token against every feed of the pipeline', () => {
    const { tell, of } = reports();
    tell(1, { event: 'attempt.failed', subject: 'fenergo', activity: 'token', error, attempt: 3, delayMs: 1 });
    expect([of(feed).failuresInARow, of(other).failuresInARow]).toEqual([3, 3]);
    tell(2, { event: 'token.refreshed', subject: 'fenergo', expiresInMs: 1 });
    expect([of(feed).failuresInARow, of(other).failuresInARow]).toEqual([0, 0]);
  });

  it('follows a feed through pause and halt, and sees a probe that goes on', () => {
    const { tell, of } = reports();
    tell(1, { event: 'feed.paused', feed });
    expect(of(feed).state).toBe('paused');
    tell(2, { event: 'feed.resumed', feed });
    expect(of(feed).state).toBe('running');
    tell(3, { event: 'feed.halted', feed, error, probeMs: 1 });
    expect(of(feed)).toMatchObject({ state: 'halted', lastError: { code: 'UPSTREAM_ERROR' } });
    tell(4, fetched('probe'));
    tell(4, confirmed('probe'));
    expect(of(feed).state).toBe('halted');
    tell(5, { event: 'feed.idle', feed });
    expect(of(feed).state).toBe('running');
  });

  it('tells contact from traffic', () => {
    const { tell, of } = reports();
    tell(5, fetched('1'));
    tell(9, { event: 'feed.idle', feed });
    expect(of(feed)).toMatchObject({ lastContactAt: 9, lastEventAt: 5 });
    tell(12, failed('next', 1));
    expect(of(feed).lastContactAt).toBe(9);
  });
});
