import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Envelope } from '../../../src/core/envelope.ts';
import { BridgeError, type ErrorCode } from '../../../src/core/errors.ts';
import type { Outcome } from '../../../src/core/normalise.ts';
import type { Step } from '../../../src/core/step.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { sampleBatch, sampleEvent } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};
const error = (code: ErrorCode, retryAfterMs?: number) =>
  new BridgeError(code, `step: ${code}`, retryAfterMs === undefined ? {} : { retryAfterMs });

/** Does to each event what is told for its id, and lets the others pass. */
function stepOf(fates: Readonly<Record<string, (envelope: Envelope) => Promise<readonly Outcome[]>>>): Step {
  return {
    name: 'sample',
    apply: (envelope) => fates[envelope.attributes.id]?.(envelope) ?? Promise.resolve([{ kind: 'event', envelope }]),
  };
}

function settling(steps: readonly Step[], bodies: readonly string[]) {
  const feed = createSampleFeed();
  const end = new AbortController();
  const batch = sampleBatch('7', bodies, works, feed.calls);
  const settled = settle(batch, { ...feed.context, steps }, atOnce, end.signal).then(
    () => 'acked',
    (error: BridgeError) => error.code,
  );
  return { ...feed, end, settled };
}

describe('the steps of a feed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('keep the order of events, however long each takes, and feed each other', async () => {
    const slow = stepOf({
      1: (envelope) => new Promise((resolve) => setTimeout(() => resolve([{ kind: 'event', envelope }]), 500)),
    });
    const doubling = stepOf({
      2: async (envelope) => [
        { kind: 'event', envelope },
        { kind: 'event', envelope: sampleEvent('2b') },
      ],
    });
    const last = stepOf({ '2b': async () => [{ kind: 'filtered', step: 'sample' }] });
    const { settled, sink, recorder } = settling([slow, doubling, last], ['1', '2', '3']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await settled).toBe('acked');
    expect(sink.confirmed).toEqual(['1', '2', '3']);
    expect(recorder.of('batch.confirmed')).toMatchObject([{ events: 3, filtered: 1, poison: 0 }]);
  });

  it('set aside what is poison to them, given or thrown, and only that', async () => {
    const step = stepOf({
      1: async () => [{ kind: 'poison', error: error('RESOURCE_REFUSED') }],
      3: () => Promise.reject(error('RESOURCE_REFUSED')),
    });
    const { settled, sink, state } = settling([step], ['!bad', '1', '2', '3']);
    expect(await settled).toBe('acked');
    expect(sink.confirmed).toEqual(['2']);
    expect(state.letters.map(({ index, stage }) => [index, stage])).toEqual([
      [0, 'normalise'],
      [1, 'step'],
      [3, 'step'],
    ]);
    expect(Buffer.from(state.letters[1]?.record.bytes ?? []).toString()).toBe('1');
  });

  it('are tried again until they work, with the manners due to an upstream', async () => {
    let tries = 0;
    const step = stepOf({
      1: async (envelope) => {
        if (++tries <= 3) throw error('UPSTREAM_ERROR');
        return [{ kind: 'event', envelope }];
      },
    });
    const { settled, sink, recorder, calls } = settling([step], ['1', '2']);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await settled).toBe('acked');
    expect(sink.confirmed).toEqual(['1', '2']);
    const delays = recorder.of('attempt.failed').map(({ delayMs }) => delayMs);
    expect(delays).toHaveLength(3);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(1_000);
    expect(calls.filter((call) => call.startsWith('publish'))).toHaveLength(1);
  });

  it('honour Retry-After, for a quarter of an hour at most', async () => {
    const waits = [600_000, 86_400_000];
    const step = stepOf({
      1: async (envelope) => {
        const wait = waits.shift();
        if (wait !== undefined) throw error('UPSTREAM_RATE_LIMITED', wait);
        return [{ kind: 'event', envelope }];
      },
    });
    const { settled, recorder } = settling([step], ['1']);
    await vi.advanceTimersByTimeAsync(600_000 + 900_000);
    expect(await settled).toBe('acked');
    expect(recorder.of('attempt.failed').map(({ delayMs }) => delayMs)).toEqual([600_000, 900_000]);
  });

  it('publish nothing of the batch when one ends fatally', async () => {
    const step = stepOf({ 2: () => Promise.reject(error('UPSTREAM_REFUSED')) });
    const { settled, calls } = settling([step], ['1', '2', '3']);
    expect(await settled).toBe('UPSTREAM_REFUSED');
    expect(calls).toEqual(['ledger.find', 'nack 7 UPSTREAM_REFUSED']);
  });

  it('give the batch back at once when aborted', async () => {
    const step = stepOf({ 2: () => Promise.reject(error('UPSTREAM_ERROR')) });
    const { settled, calls, end } = settling([step], ['1', '2', '3']);
    await vi.advanceTimersByTimeAsync(10_000);
    end.abort();
    expect(await settled).toBe('STOPPING');
    expect(calls).toEqual(['ledger.find', 'nack 7 STOPPING']);
  });

  it('are not asked for a batch that is only acked again', async () => {
    const feed = createSampleFeed();
    const { signal } = new AbortController();
    const batch = () => sampleBatch('7', ['1'], works, feed.calls);
    await settle(batch(), feed.context, atOnce, signal);
    const apply = vi.fn();
    await settle(batch(), { ...feed.context, steps: [{ name: 'sample', apply }] }, atOnce, signal);
    expect(apply).not.toHaveBeenCalled();
  });

  it('may work on several events at once, which stay in order', async () => {
    let working = 0;
    let most = 0;
    const shorterAndShorter = (id: string) => async (envelope: Envelope) => {
      most = Math.max(most, ++working);
      await new Promise((resolve) => setTimeout(resolve, 500 - 100 * Number(id)));
      working--;
      return [{ kind: 'event', envelope }] as const;
    };
    const ids = ['1', '2', '3', '4'];
    const step = { ...stepOf(Object.fromEntries(ids.map((id) => [id, shorterAndShorter(id)]))), atOnce: 3 };
    const { settled, sink } = settling([step], ids);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await settled).toBe('acked');
    expect(sink.confirmed).toEqual(ids);
    expect(most).toBe(3);
  });

  it('that work on several events end with the first fatal error, also where another one is tried again without end', async () => {
    const step: Step = {
      ...stepOf({
        1: () => Promise.reject(error('UPSTREAM_ERROR')),
        2: () => new Promise((_, reject) => setTimeout(() => reject(error('UPSTREAM_NOT_FOUND')), 500)),
      }),
      atOnce: 2,
    };
    const { settled, sink } = settling([step], ['1', '2', '3']);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await settled).toBe('UPSTREAM_NOT_FOUND');
    expect(sink.confirmed).toEqual([]);
  });

  it('may lose patience with what is tried again, where they know a poison for it', async () => {
    const step: Step = {
      ...stepOf({ 1: () => Promise.reject(error('UPSTREAM_ERROR')) }),
      patience: {
        ms: 10_000,
        exhausted: ({ code }) => (code === 'UPSTREAM_ERROR' ? error('CONTENT_UNAVAILABLE') : undefined),
      },
    };
    const { settled, sink, recorder } = settling([step], ['1', '2']);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(recorder.of('attempt.failed').length).toBeGreaterThan(1);
    expect(sink.confirmed).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(await settled).toBe('acked');
    expect(sink.confirmed).toEqual(['2']);
  });

  it('lose no patience with what would be poison for all', async () => {
    const step: Step = {
      ...stepOf({ 1: () => Promise.reject(error('AUTH_REFUSED')) }),
      patience: { ms: 10_000, exhausted: () => undefined },
    };
    const { settled, sink, end } = settling([step], ['1']);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(sink.confirmed).toEqual([]);
    end.abort();
    await vi.advanceTimersByTimeAsync(100);
    expect(await settled).not.toBe('acked');
  });
});
