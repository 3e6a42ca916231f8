import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';
import { logLine } from '../../../src/telemetry/log-line.ts';

const feed = 'fenergo/journey';
const unreachable = new BridgeError('UPSTREAM_UNREACHABLE', 'next: connection refused', { hint: 'Check baseUrl.' });

function attempt(number: number, error = unreachable): TelemetryEvent {
  return { event: 'attempt.failed', subject: feed, activity: 'next', error, attempt: number, delayMs: 1_500 };
}

describe('the log', () => {
  it('tells the first failures of a run and then ever fewer', () => {
    const loud = Array.from({ length: 40 }, (_, index) => index + 1).filter(
      (number) => logLine(attempt(number)).level === 'warn',
    );
    expect(loud).toEqual([1, 2, 4, 8, 16, 32]);
  });

  it('keeps quiet about being stopped', () => {
    expect(logLine(attempt(1, new BridgeError('STOPPING', 'stopped'))).level).toBe('debug');
  });

  it('writes an error as subject, code, message and hint', () => {
    expect(logLine(attempt(2)).message).toBe(
      'fenergo/journey  UPSTREAM_UNREACHABLE  next: connection refused. Check baseUrl. next: try 2, next in 1.5 s.',
    );
  });

  it('says of a halted feed what to do about it, by its own name', () => {
    const error = new BridgeError('BROKER_NOT_AUTHORISED', 'topic fenergo.journey: write refused');
    const line = logLine({ event: 'feed.halted', feed, error, probeMs: 300_000 });
    expect(line.level).toBe('error');
    expect(line.message).toContain('fenergo/journey  BROKER_NOT_AUTHORISED  topic fenergo.journey: write refused.');
    expect(line.message).toContain('feedferry resume fenergo/journey');
    expect(line.message).not.toContain('PIPELINE/FEED');
  });

  it.each<[TelemetryEvent, string]>([
    [{ event: 'feed.started', feed }, 'info'],
    [{ event: 'feed.resumed', feed }, 'info'],
    [{ event: 'batch.fetched', feed, batchId: '1', records: 10, bytes: 5 }, 'trace'],
    [
      {
        event: 'batch.confirmed',
        feed,
        batchId: '1',
        events: 10,
        filtered: 0,
        poison: 0,
        ms: 3,
        whereabouts: 't/0 @ 1',
      },
      'debug',
    ],
    [{ event: 'event.dead-lettered', feed, batchId: '1', id: 'abc', error: unreachable }, 'warn'],
    [{ event: 'dead-letter.copied', feed, batchId: '1', id: 'abc', destination: 'dead' }, 'debug'],
    [{ event: 'dead-letter.not-copied', feed, batchId: '1', id: 'abc', error: unreachable }, 'error'],
    [{ event: 'feed.foreign-complete', feed, batchId: '1', error: unreachable }, 'warn'],
    [{ event: 'daemon.failed', error: unreachable }, 'fatal'],
    [{ event: 'daemon.stopped', drained: false, ms: 25_000 }, 'warn'],
  ])('gives %o the level %s', (event, level) => {
    expect(logLine(event).level).toBe(level);
  });
});
