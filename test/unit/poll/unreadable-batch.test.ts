import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { probeMs } from '../../../src/pipeline/feed-runner.ts';
import type { Call, Fault } from '../../support/fake-upstream.ts';
import { createPolledFeed } from '../../support/polled-feed.ts';

const minute = 60_000;
const garbage: Fault = { kind: 'garbage' };

function polling(misbehave: (call: Call, nth: number) => Fault | undefined) {
  const polled = createPolledFeed();
  polled.upstream.offer('1', 'event-1');
  polled.upstream.offer('2', 'event-2');
  polled.upstream.misbehave = misbehave;
  polled.runner.resume();
  return polled;
}

const asked = ({ upstream }: ReturnType<typeof polling>) => upstream.requests.filter(({ call }) => call === 'next');

describe('a batch that does not parse', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is asked for ten times over ten minutes, and then halts the feed; nothing is completed', async () => {
    const polled = polling((call) => (call === 'next' ? garbage : undefined));
    const halted = polled.recorder.seen('feed.halted');
    await vi.advanceTimersByTimeAsync(20 * minute);
    expect(await halted).toMatchObject({
      error: {
        code: 'BATCH_UNREADABLE',
        message: expect.stringContaining('10 times'),
        hint: expect.stringContaining('feedferry set-aside sample/feed'),
      },
    });
    const tries = asked(polled).slice(0, 10);
    const took = (tries.at(-1)?.at ?? 0) - (tries[0]?.at ?? 0);
    expect(took).toBeGreaterThanOrEqual(10 * minute);
    expect(took).toBeLessThan(16 * minute);
    expect(polled.upstream.completed).toEqual([]);
    await polled.runner.stop(1);
  });

  it('shows at once when probed that it is still unreadable', async () => {
    const polled = polling((call) => (call === 'next' ? garbage : undefined));
    await vi.advanceTimersByTimeAsync(16 * minute);
    const before = asked(polled).length;
    await vi.advanceTimersByTimeAsync(2 * probeMs);
    expect(asked(polled).length - before).toBe(2);
    expect(polled.recorder.of('feed.halted').every(({ error }) => error.code === 'BATCH_UNREADABLE')).toBe(true);
    await polled.runner.stop(1);
  });

  it('flows as soon as it can be read, also after a halt', async () => {
    let mended = false;
    const polled = polling((call) => (call === 'next' && !mended ? garbage : undefined));
    await vi.advanceTimersByTimeAsync(20 * minute);
    mended = true;
    await vi.advanceTimersByTimeAsync(probeMs);
    expect(polled.upstream.completed).toEqual(['1', '2']);
    await polled.runner.stop(1);
  });

  it('is counted anew after each success', async () => {
    const polled = polling((call, nth) => (call === 'next' && nth % 10 !== 0 ? garbage : undefined));
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(polled.recorder.of('feed.halted')).toEqual([]);
    expect(polled.upstream.completed).toEqual(['1', '2']);
    await polled.runner.stop(1);
  });

  it('may be the batch that comes after one in doubt: that one is published once, and completed', async () => {
    let mended = false;
    const polled = polling((call, nth) => {
      if (call === 'complete') return nth === 1 ? { kind: 'done-but', status: 500 } : undefined;
      return nth === 1 || mended ? undefined : garbage;
    });
    await vi.advanceTimersByTimeAsync(20 * minute);
    expect(polled.recorder.of('feed.halted')[0]).toMatchObject({ error: { code: 'BATCH_UNREADABLE' } });
    mended = true;
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(minute);
    expect(polled.sink.confirmed).toEqual(['event-1', 'event-2']);
    expect(polled.upstream.completed).toEqual(['1', '2']);
    await polled.runner.stop(1);
  });
});
