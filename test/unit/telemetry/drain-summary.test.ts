import { describe, expect, it } from 'vitest';
import { createDrainSummary } from '../../../src/telemetry/drain-summary.ts';
import type { TelemetryEvent } from '../../../src/telemetry/events.ts';

const feed = 'fenergo/journey';

function drain() {
  let now = 0;
  const summary = createDrainSummary(() => now);
  const tell = (event: TelemetryEvent) => summary(event).map(({ message }) => message);
  return {
    at: (ms: number) => {
      now = ms;
    },
    tell,
    batch: (batchId: string) => [
      ...tell({ event: 'batch.fetched', feed, batchId, records: 10, bytes: 1 }),
      ...tell({ event: 'batch.confirmed', feed, batchId, events: 10, filtered: 0, poison: 0, ms: 1, whereabouts: '' }),
      ...tell({ event: 'batch.completed', feed, batchId, ms: 1 }),
    ],
  };
}

describe('the summary of a drain', () => {
  it('tells one line for thirty seconds of batches', () => {
    const { at, batch } = drain();
    const lines: string[] = [];
    for (let second = 0; second <= 30; second += 1) {
      at(second * 1_000);
      lines.push(...batch(String(second)));
    }
    expect(lines).toEqual(['fenergo/journey  300 events in 30 batches published in 29.0 s (10/s), 30 completed']);
  });

  it('does not count idle time into the rate', () => {
    const { at, batch, tell } = drain();
    batch('1');
    at(500);
    batch('2');
    at(40_000);
    expect(tell({ event: 'feed.idle', feed })).toEqual([
      'fenergo/journey  20 events in 2 batches published in 0.5 s (40/s), 2 completed',
    ]);
    at(80_000);
    expect(tell({ event: 'feed.idle', feed })).toEqual([]);
  });

  it('tells what is left when the daemon stops', () => {
    const { batch, tell } = drain();
    batch('1');
    expect(tell({ event: 'daemon.stopped', drained: true, ms: 1 })).toHaveLength(1);
  });
});
