import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackoffPolicy } from '../../../src/pipeline/backoff.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { confirmAll, createFakeSink, failed, inTurn, refusing, unknown } from '../../support/fake-sink.ts';
import { createRecorder } from '../../support/recorder.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const feed = 'sample/feed';
const steady: BackoffPolicy = { baseMs: 100, capMs: 400, jitter: 'upwards' };

function events(...ids: readonly string[]) {
  return ids.map((id) => sampleEvent(id, id.replace(/\d/g, '')));
}

describe('the lanes publisher, when the broker does not confirm', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  for (const [how, refusal] of [
    ['fails', failed()],
    ['is unknown', unknown()],
  ] as const) {
    for (const [which, first] of [
      ['first', 'a1'],
      ['middle', 'a2'],
      ['last', 'a3'],
    ] as const) {
      it(`keeps order when the ${which} of a lane ${how}`, async () => {
        const sink = createFakeSink({ answer: inTurn(refusing({ [first]: refusal }), confirmAll) });
        const publisher = createLanesPublisher(sink, () => {}, steady);
        const publishing = publisher.publish(events('a1', 'a2', 'a3'), feed, signal);
        await vi.advanceTimersByTimeAsync(1);
        const later = publisher.publish(events('a4'), feed, signal);
        await vi.advanceTimersByTimeAsync(1_000);
        await Promise.all([publishing, later]);
        const all = ['a1', 'a2', 'a3', 'a4'];
        expect(sink.confirmed).toEqual(all);
        expect(sink.calls[1]?.ids).toEqual(all.slice(all.indexOf(first)));
        expect(sink.breaches).toEqual([]);
      });
    }
  }

  it('sends what follows a poison event, and settles each by its own fate', async () => {
    const sink = createFakeSink({ answer: refusing({ a2: failed('EVENT_TOO_LARGE') }) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const settled = await publisher.publish(events('a1', 'a2', 'a3'), feed, signal);
    expect(settled.map(({ status }) => status)).toEqual(['confirmed', 'poison', 'confirmed']);
    expect(sink.calls).toHaveLength(1);
  });

  it('repeats only what is open when poison and failure come together', async () => {
    const sink = createFakeSink({
      answer: inTurn(
        ({ items }) =>
          items.map(({ envelope }) =>
            envelope.attributes.id === 'a2' ? failed('EVENT_REFUSED') : failed('BROKER_UNAVAILABLE'),
          ),
        confirmAll,
      ),
    });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1', 'a2', 'a3'), feed, signal);
    await vi.advanceTimersByTimeAsync(1_000);
    const settled = await publishing;
    expect(settled).toMatchObject([
      { status: 'confirmed' },
      { status: 'poison', attempts: 1 },
      { status: 'confirmed' },
    ]);
    expect(sink.calls[1]?.ids).toEqual(['a1', 'a3']);
  });

  it('counts the attempts that an event took until it turned out to be poison', async () => {
    const sink = createFakeSink({
      answer: inTurn(
        refusing({ a1: failed() }),
        refusing({ a1: unknown() }),
        refusing({ a1: failed('EVENT_REFUSED') }),
      ),
    });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1'), feed, signal);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await publishing).toMatchObject([{ status: 'poison', attempts: 3 }]);
  });

  it('lets other lanes go on while one waits', async () => {
    const sink = createFakeSink({ answer: inTurn(refusing({ a1: failed() }), confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const waiting = publisher.publish(events('a1'), feed, signal);
    await vi.advanceTimersByTimeAsync(1);
    await publisher.publish(events('b1', 'c1'), feed, signal);
    expect(sink.confirmed).toEqual(['b1', 'c1']);
    await vi.advanceTimersByTimeAsync(1_000);
    await waiting;
    expect(sink.confirmed).toEqual(['b1', 'c1', 'a1']);
  });

  it('coalesces again the lanes that failed together', async () => {
    vi.mocked(Math.random).mockRestore();
    const sink = createFakeSink({ answer: inTurn(({ items }) => items.map(() => unknown()), confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    const publishing = publisher.publish(events('a1', 'b1', 'c1', 'd1'), feed, signal);
    await vi.advanceTimersByTimeAsync(1_000);
    await publishing;
    expect(sink.calls.map(({ ids }) => ids)).toEqual([
      ['a1', 'b1', 'c1', 'd1'],
      ['a1', 'b1', 'c1', 'd1'],
    ]);
  });

  it('backs off as its policy says, and tells of each failed attempt once per destination', async () => {
    const { report, of } = createRecorder();
    const sentAt: number[] = [];
    const sink = createFakeSink({
      answer({ items }) {
        sentAt.push(performance.now());
        return items.map(() => failed());
      },
    });
    const end = new AbortController();
    const publishing = createLanesPublisher(sink, report, steady).publish(events('a1', 'b1'), feed, end.signal);
    const rejected = expect(publishing).rejects.toMatchObject({ code: 'STOPPING' });
    await vi.advanceTimersByTimeAsync(1_800);
    end.abort();
    await rejected;
    expect(sentAt.map((at, n) => at - (sentAt[n - 1] ?? at))).toEqual([0, 100, 200, 400, 400, 400]);
    expect(of('attempt.failed')).toHaveLength(6);
    expect(of('attempt.failed')[2]).toMatchObject({
      subject: feed,
      activity: 'publish',
      attempt: 3,
      delayMs: 400,
      error: { code: 'BROKER_UNAVAILABLE' },
    });
  });

  it('begins to count anew after progress', async () => {
    const { report, of } = createRecorder();
    const sink = createFakeSink({
      answer: inTurn(
        refusing({ a1: failed() }),
        refusing({ a1: failed() }),
        refusing({ a2: failed() }),
        refusing({ a3: failed() }),
        confirmAll,
      ),
    });
    const publishing = createLanesPublisher(sink, report, steady).publish(events('a1', 'a2', 'a3'), feed, signal);
    await vi.advanceTimersByTimeAsync(5_000);
    await publishing;
    expect(of('attempt.failed').map(({ attempt }) => attempt)).toEqual([1, 2, 1, 1]);
  });

  it('takes an event that the sink forgot to answer for as a fault of the bridge', async () => {
    const sink = createFakeSink({ answer: () => [] });
    const publishing = createLanesPublisher(sink, () => {}, steady).publish(events('a1'), feed, signal);
    await expect(publishing).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('takes a sink that throws for a fault of the bridge, and goes on with what comes later', async () => {
    const sink = createFakeSink({
      answer: inTurn(() => {
        throw new TypeError('not a function');
      }, confirmAll),
    });
    const publisher = createLanesPublisher(sink, () => {}, steady);
    await expect(publisher.publish(events('a1'), feed, signal)).rejects.toMatchObject({ code: 'INTERNAL' });
    await publisher.publish(events('a1'), feed, new AbortController().signal);
    expect(sink.confirmed).toEqual(['a1']);
  });
});
