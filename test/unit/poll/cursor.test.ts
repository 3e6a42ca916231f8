import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cursorProtocol } from '../../support/fake-protocol.ts';
import { confirmAll, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import type { FakeUpstream } from '../../support/fake-upstream.ts';
import { createPolledFeed, type PolledFeedOptions } from '../../support/polled-feed.ts';

/** Upstream gives the page after the position it is asked for. */
function pages(upstream: FakeUpstream, bodies: readonly (readonly string[])[]) {
  upstream.answerNext = (about) => {
    const page = about === 'start' ? 0 : Number(about);
    const records = bodies[page];
    return records && { id: `${page + 1}`, records, more: page + 1 < bodies.length };
  };
}

function polling(bodies: readonly (readonly string[])[], options: PolledFeedOptions = {}) {
  const polled = createPolledFeed({ protocol: cursorProtocol, ...options });
  pages(polled.upstream, bodies);
  return polled;
}

const abouts = ({ upstream }: ReturnType<typeof polling>) => upstream.requests.map(({ about }) => about);

describe('a feed that is read by cursor', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('stores a position only once its page is confirmed, and asks from there only once it is stored', async () => {
    const polled = polling([['1', '2'], ['3']]);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(polled.calls).toEqual([
      'cursors.get',
      'publish 1 2',
      'cursors.set 1',
      'cursors.get',
      'publish 3',
      'cursors.set 2',
    ]);
    expect(abouts(polled)).toEqual(['start', '1']);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(abouts(polled)).toEqual(['start', '1', '2']);
    await polled.runner.stop(1);
  });

  it('goes on from the stored position after a restart', async () => {
    const polled = polling([['1'], ['2']]);
    await polled.state.cursors.set('sample/feed', '1');
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(polled.sink.confirmed).toEqual(['2']);
    await polled.runner.stop(1);
  });

  it('stores the position as soon as the state can be written, and asks for nothing meanwhile', async () => {
    const polled = polling([['1'], ['2']]);
    polled.state.fail('cursors.set 1', 'STATE_UNWRITABLE', 3);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polled.recorder.of('attempt.failed').map(({ activity }) => activity)).toEqual([
      'cursor',
      'cursor',
      'cursor',
    ]);
    expect(polled.sink.confirmed).toEqual(['1', '2']);
    expect(abouts(polled).slice(0, 2)).toEqual(['start', '1']);
    await polled.runner.stop(1);
  });

  it('asks for nothing while the position cannot be read', async () => {
    const polled = polling([['1']]);
    polled.state.fail('cursors.get', 'STATE_UNWRITABLE', 2);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(polled.recorder.of('attempt.failed')).toHaveLength(2);
    expect(polled.sink.confirmed).toEqual(['1']);
    await polled.runner.stop(1);
  });

  it('does not move when a page was given back', async () => {
    const polled = polling([['1']], { answer: inTurn(refusing({ 1: failed('DESTINATION_MISSING') }), confirmAll) });
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(polled.state.positions.size).toBe(0);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(polled.sink.confirmed).toEqual(['1']);
    expect(polled.state.positions.get('sample/feed')).toBe('1');
    await polled.runner.stop(1);
  });

  it('moves over empty pages at once while there is more', async () => {
    const polled = polling([[], [], ['1']]);
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(polled.sink.confirmed).toEqual(['1']);
    await polled.runner.stop(1);
  });

  it('keeps to its schedule when upstream promises more and gives the same page', async () => {
    const polled = createPolledFeed({ protocol: cursorProtocol });
    polled.upstream.answerNext = () => ({ id: '7', records: [], more: true });
    polled.runner.resume();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(polled.upstream.requests.length).toBeLessThanOrEqual(42);
    expect(polled.recorder.of('feed.halted')).toEqual([]);
    await polled.runner.stop(1);
  });
});
