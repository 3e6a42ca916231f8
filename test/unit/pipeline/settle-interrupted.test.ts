import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { failed, unknown } from '../../support/fake-sink.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed, type SampleFeed } from '../../support/sample-feed.ts';

const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};

/** Settles the batch, and ends everything once this many failed attempts were reported. */
async function abortAfter(attempts: number, { context, calls, recorder }: SampleFeed, bodies: readonly string[]) {
  const end = new AbortController();
  const settled = settle(sampleBatch('7', bodies, works, calls), context, atOnce, end.signal).catch(
    (error) => error.code,
  );
  const seen = recorder.seen('attempt.failed', attempts);
  for (let n = 0; n < attempts; n++) await vi.advanceTimersByTimeAsync(6_000);
  await seen;
  end.abort();
  return await settled;
}

describe('settling a batch while something is broken', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('asks the ledger again until it answers', async () => {
    const { context, calls, state, recorder } = createSampleFeed();
    state.fail('ledger.find', 'STATE_UNWRITABLE', 2);
    const settled = settle(sampleBatch('7', ['1'], works, calls), context, atOnce, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(10_000);
    await settled;
    expect(calls.slice(0, 4)).toEqual(['ledger.find', 'ledger.find', 'ledger.find', 'publish 1']);
    expect(recorder.of('attempt.failed').map(({ attempt, activity }) => [attempt, activity])).toEqual([
      [1, 'ledger'],
      [2, 'ledger'],
    ]);
  });

  it('keeps a dead letter as soon as it can, and acks only then', async () => {
    const { context, calls, state, recorder } = createSampleFeed();
    state.fail('deadLetters.add', 'STATE_UNWRITABLE', 3);
    const settled = settle(sampleBatch('7', ['!bad'], works, calls), context, atOnce, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(20_000);
    await settled;
    expect(calls).toEqual([
      'ledger.find',
      ...new Array(4).fill('deadLetters.add'),
      'ledger.enter',
      'ack 7',
      'ledger.complete',
    ]);
    expect(state.letters).toHaveLength(1);
    expect(recorder.of('event.dead-lettered')).toHaveLength(1);
    expect(recorder.of('attempt.failed').map(({ activity }) => activity)).toEqual(new Array(3).fill('dead-letter'));
  });

  it('gives the batch back at once when aborted while it asks the ledger', async () => {
    const feed = createSampleFeed();
    feed.state.fail('ledger.find', 'STATE_UNWRITABLE');
    expect(await abortAfter(2, feed, ['1'])).toBe('STOPPING');
    expect(feed.calls.at(-1)).toBe('nack 7 STOPPING');
    expect(feed.sink.calls).toEqual([]);
  });

  for (const [how, answer] of [
    ['fails', failed()],
    ['is unknown', unknown()],
  ] as const) {
    it(`gives the batch back at once when aborted while its publish ${how}`, async () => {
      const feed = createSampleFeed(({ items }) => items.map(() => answer));
      expect(await abortAfter(2, feed, ['1', '!bad'])).toBe('STOPPING');
      expect(feed.calls.at(-1)).toBe('nack 7 STOPPING');
      expect(feed.state.letters).toEqual([]);
      expect(feed.state.entries.size).toBe(0);
      await vi.advanceTimersByTimeAsync(0);
    });
  }

  it('gives the batch back at once when aborted while a dead letter cannot be kept', async () => {
    const feed = createSampleFeed();
    feed.state.fail('deadLetters.add', 'STATE_UNWRITABLE');
    expect(await abortAfter(2, feed, ['!bad'])).toBe('STOPPING');
    expect(feed.calls.at(-1)).toBe('nack 7 STOPPING');
    expect(feed.state.entries.size).toBe(0);
  });

  it('neither gives back nor completes a batch when aborted in its ack: the ledger knows it', async () => {
    const { context, calls, state } = createSampleFeed();
    const end = new AbortController();
    const slow = (signal: AbortSignal) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener('abort', () => reject(new BridgeError('STOPPING', 'stopped')));
      });
    const settled = settle(sampleBatch('7', ['1'], slow, calls), context, atOnce, end.signal).catch(
      (error) => error.code,
    );
    await vi.waitFor(() => expect(calls.at(-1)).toBe('ack 7'));
    end.abort();
    expect(await settled).toBe('STOPPING');
    expect(calls.at(-1)).toBe('ack 7');
    expect([...state.entries.values()]).toMatchObject([{ batchId: '7', completedAt: null }]);
  });
});
