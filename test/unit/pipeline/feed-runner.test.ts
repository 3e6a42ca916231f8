import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Source } from '../../../src/core/source.ts';
import { createFeedRunner, probeMs } from '../../../src/pipeline/feed-runner.ts';
import { confirmAll } from '../../support/fake-sink.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';
import { giving, givingRegardless, type Script, scriptedSource } from '../../support/scripted-source.ts';

const works = async () => {};
const turn = () => vi.advanceTimersByTimeAsync(0);

function runnerOf(script: Script, feed = createSampleFeed()) {
  let opened = 0;
  const runner = createFeedRunner({
    context: feed.context,
    openSource(): Source {
      opened++;
      return scriptedSource('in-order', script);
    },
  });
  return { runner, ...feed, timesOpened: () => opened };
}

async function* throwing(code: 'UPSTREAM_NOT_FOUND' | 'POISON_FLOOD' = 'UPSTREAM_NOT_FOUND') {
  yield* [];
  throw new BridgeError(code, 'wrong');
}

describe('a feed runner', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('is paused until it is resumed, and stops at once when idle', async () => {
    const { runner, recorder, timesOpened } = runnerOf((stop) => giving([], stop));
    expect(runner.state).toBe('paused');
    expect(timesOpened()).toBe(0);
    runner.resume();
    expect(runner.state).toBe('running');
    expect(recorder.of('feed.started')).toHaveLength(1);
    expect(await runner.stop(25_000)).toEqual({ drained: true });
    expect(runner.state).toBe('paused');
  });

  it('stops without having run', async () => {
    expect(await runnerOf((stop) => giving([], stop)).runner.stop(1)).toEqual({ drained: true });
  });

  it('halts on a fatal error, says so, and probes again every five minutes', async () => {
    let broken = true;
    let asked = 0;
    const { runner, recorder, timesOpened } = runnerOf((stop) => {
      asked++;
      return broken ? throwing() : giving([], stop);
    });
    runner.resume();
    await turn();
    expect(runner.state).toBe('halted');
    expect(recorder.of('feed.halted')).toMatchObject([{ error: { code: 'UPSTREAM_NOT_FOUND' }, probeMs: 300_000 }]);
    await vi.advanceTimersByTimeAsync(probeMs - 1);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toBe(2);
    expect(runner.state).toBe('halted');
    expect(recorder.of('feed.halted')).toHaveLength(2);
    broken = false;
    await vi.advanceTimersByTimeAsync(probeMs);
    expect(runner.state).toBe('running');
    expect(timesOpened()).toBe(1);
    await runner.stop(1);
  });

  it('is probed at once when resumed while halted', async () => {
    let asked = 0;
    const { runner } = runnerOf((stop) => (++asked === 1 ? throwing() : giving([], stop)));
    runner.resume();
    await turn();
    runner.resume();
    await turn();
    expect(asked).toBe(2);
    expect(runner.state).toBe('running');
    runner.resume();
    await turn();
    expect(asked).toBe(2);
    await runner.stop(1);
  });

  it('ends within the same moment when stopped while halted', async () => {
    const { runner } = runnerOf(() => throwing());
    runner.resume();
    await turn();
    expect(await runner.stop(25_000)).toEqual({ drained: true });
    expect(runner.state).toBe('paused');
  });

  it('lets what is in flight settle when stopped', async () => {
    const gate = Promise.withResolvers<void>();
    const feed = createSampleFeed(async (call) => {
      await gate.promise;
      return confirmAll(call);
    });
    const { runner, calls } = runnerOf((stop) => giving([sampleBatch('1', ['1'], works, feed.calls)], stop), feed);
    runner.resume();
    await turn();
    const stopped = runner.stop(25_000);
    await vi.advanceTimersByTimeAsync(20_000);
    gate.resolve();
    expect(await stopped).toEqual({ drained: true });
    expect(calls).toContain('ack 1');
  });

  it('gives back what is in flight when the grace is over', async () => {
    const feed = createSampleFeed(() => new Promise(() => {}));
    const { runner, calls } = runnerOf((stop) => giving([sampleBatch('1', ['1'], works, feed.calls)], stop), feed);
    runner.resume();
    await turn();
    const stopped = runner.stop(25_000);
    await vi.advanceTimersByTimeAsync(24_999);
    expect(calls.at(-1)).toBe('publish 1');
    await vi.advanceTimersByTimeAsync(1);
    expect(await stopped).toEqual({ drained: false });
    expect(calls.at(-1)).toBe('nack 1 STOPPING');
  });

  it('opens its source anew after a pause', async () => {
    const { runner, timesOpened } = runnerOf((stop) => giving([], stop));
    runner.resume();
    await runner.stop(1);
    runner.resume();
    expect(timesOpened()).toBe(2);
    await runner.stop(1);
  });

  it('runs again when it is resumed while it still stops', async () => {
    const gate = Promise.withResolvers<void>();
    const feed = createSampleFeed(async (call) => {
      await gate.promise;
      return confirmAll(call);
    });
    const batches = [sampleBatch('1', ['1'], works, feed.calls)];
    const { runner, timesOpened } = runnerOf((stop) => giving(batches.splice(0), stop), feed);
    runner.resume();
    await turn();
    const stopped = runner.stop(25_000);
    runner.resume();
    gate.resolve();
    expect(await stopped).toEqual({ drained: true });
    await turn();
    expect(runner.state).toBe('running');
    expect(timesOpened()).toBe(2);

    const again = runner.stop(25_000);
    runner.resume();
    const final = runner.stop(25_000);
    await Promise.all([again, final]);
    await turn();
    expect(runner.state).toBe('paused');
  });

  it('does not spin when a source ends again and again of its own accord', async () => {
    let asked = 0;
    const { runner } = runnerOf(() => {
      asked++;
      return givingRegardless([]);
    });
    runner.resume();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThanOrEqual(60);
    await runner.stop(1);
  });

  it('halts, visibly, when its source cannot be opened', async () => {
    const { context, recorder } = createSampleFeed();
    let opened = 0;
    const runner = createFeedRunner({
      context,
      openSource() {
        if (++opened === 1) throw new TypeError('no URL');
        return scriptedSource('in-order', (stop) => giving([], stop));
      },
    });
    runner.resume();
    await turn();
    expect(runner.state).toBe('halted');
    expect(recorder.of('feed.halted')).toMatchObject([{ error: { code: 'INTERNAL' } }]);
    await vi.advanceTimersByTimeAsync(probeMs);
    expect(runner.state).toBe('running');
    await runner.stop(1);
  });

  it('sets a flood of poison aside once an operator says so, and not before', async () => {
    const feed = createSampleFeed();
    const flood = Array.from({ length: 150 }, (_, n) => `!${n}`);
    const batch = () => sampleBatch('1', flood, works, feed.calls);
    const { runner, state } = runnerOf((stop, number) => giving(number <= 3 ? [batch()] : [], stop), feed);
    runner.resume();
    await turn();
    await vi.advanceTimersByTimeAsync(probeMs);
    expect(feed.recorder.of('feed.halted')).toHaveLength(2);
    expect(state.letters).toEqual([]);
    runner.resume();
    await turn();
    expect(state.letters).toHaveLength(150);
    expect(feed.calls.at(-1)).toBe('ledger.complete');
    expect(runner.state).toBe('running');
    await runner.stop(1);
  });
});
