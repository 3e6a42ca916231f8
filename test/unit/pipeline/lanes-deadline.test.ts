import { setImmediate as setRealImmediate } from 'node:timers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BackoffPolicy } from '../../../src/pipeline/backoff.ts';
import { createLane, tidyLane } from '../../../src/pipeline/lane.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { createRun } from '../../../src/pipeline/run.ts';
import { createTicket } from '../../../src/pipeline/ticket.ts';
import { tooLate } from '../../../src/pipeline/ticket-end.ts';
import { type Answer, confirmAll, createFakeSink, failed, inTurn, unknown } from '../../support/fake-sink.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const feed = 'sample/feed';
const steady: BackoffPolicy = { baseMs: 60_000, capMs: 60_000, jitter: 'upwards' };
const stay = new AbortController().signal;

function events(...ids: readonly string[]) {
  return ids.map((id) => sampleEvent(id, id.replace(/\d/g, '')));
}

function outcomeOf(publishing: Promise<unknown>): Promise<string> {
  return publishing.then(
    () => 'confirmed',
    (error: { code: string }) => error.code,
  );
}

/** Answers as told, once the gate is open. */
function gated(then: Answer = confirmAll) {
  const gate = Promise.withResolvers<void>();
  const answer: Answer = async (call) => {
    await gate.promise;
    return then(call);
  };
  return { answer, open: () => gate.resolve() };
}

describe('the lanes publisher, at a deadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const publish = (publisher: ReturnType<typeof createLanesPublisher>, ids: readonly string[], withinMs: number) =>
    outcomeOf(publisher.publish(events(...ids), feed, stay, undefined, undefined, Date.now() + withinMs));

  it('sends what comes in one turn of the event loop in one call, in that turn: no time is waited for more', async () => {
    const sink = createFakeSink();
    const publisher = createLanesPublisher(sink, () => {});
    const publishing: Promise<string>[] = [];
    for (let at = 0; at < 64; at++) {
      publishing.push(publish(publisher, [`a${at}`], 60_000));
      await Promise.resolve();
    }
    expect(sink.calls).toEqual([]);
    // The clock stands still.
    await new Promise((resolve) => setRealImmediate(resolve));
    expect(sink.calls.map(({ ids }) => ids.length)).toEqual([64]);
    expect(new Set(await Promise.all(publishing))).toEqual(new Set(['confirmed']));
  });

  it('refuses what is too late before it begins', async () => {
    const sink = createFakeSink();
    expect(
      await publish(
        createLanesPublisher(sink, () => {}),
        ['a1'],
        0,
      ),
    ).toBe('ANSWER_TOO_LATE');
    expect(sink.calls).toEqual([]);
  });

  it('fails at once, and never sends, what still waits behind another', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer });
    const publisher = createLanesPublisher(sink, () => {});
    const first = publish(publisher, ['a1'], 60_000);
    await vi.advanceTimersByTimeAsync(0);
    const late = publish(publisher, ['a2', 'b1'], 1_000);
    const patient = publish(publisher, ['a3'], 60_000);
    await vi.advanceTimersByTimeAsync(1_100);
    expect(await late).toBe('ANSWER_TOO_LATE');
    open();
    expect(await Promise.all([first, patient])).toEqual(['confirmed', 'confirmed']);
    expect(sink.confirmed).toEqual(['a1', 'a3']);
    expect(sink.breaches).toEqual([]);
  });

  it('observes what is on its way to its end, and counts a whole ticket as confirmed', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer });
    const late = publish(
      createLanesPublisher(sink, () => {}),
      ['a1', 'b1'],
      1_000,
    );
    await vi.advanceTimersByTimeAsync(1_100);
    open();
    expect(await late).toBe('confirmed');
  });

  it('drops the rest of a ticket of which a part is on its way, and fails when that has landed', async () => {
    const { answer, open } = gated();
    const sink = createFakeSink({ answer, maxCall: { events: 1 } });
    const late = publish(
      createLanesPublisher(sink, () => {}),
      ['a1', 'b1'],
      1_000,
    );
    let ended = false;
    void late.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toBe(false);
    open();
    expect(await late).toBe('ANSWER_TOO_LATE');
    expect(sink.confirmed).toEqual(['a1']);
  });

  it('sends nothing again of a ticket that is late, while another part of it is still on its way', async () => {
    const { answer, open } = gated();
    const refuse: Answer = ({ items }) => items.map(() => failed());
    const sink = createFakeSink({
      answer: inTurn(answer, refuse, confirmAll),
      maxOpenCalls: 2,
      maxCall: { events: 1 },
    });
    const publisher = createLanesPublisher(sink, () => {}, { ...steady, baseMs: 2_000 });
    const late = publish(publisher, ['a1', 'b1'], 1_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1'], ['b1']]);
    open();
    expect(await late).toBe('ANSWER_TOO_LATE');
    expect(sink.calls).toHaveLength(2);
  });

  it.each([
    ['failed', failed()],
    ['in doubt', unknown()],
  ])('sends nothing again that is %s after its deadline, and goes on with what follows', async (_, delivery) => {
    const { answer, open } = gated((call) => call.items.map(() => delivery));
    const sink = createFakeSink({ answer: inTurn(answer, confirmAll) });
    const publisher = createLanesPublisher(sink, () => {}, { ...steady, baseMs: 1_000 });
    const late = publish(publisher, ['a1'], 1_000);
    await vi.advanceTimersByTimeAsync(10);
    const next = publish(publisher, ['a2'], 60_000);
    await vi.advanceTimersByTimeAsync(1_100);
    open();
    expect(await late).toBe('ANSWER_TOO_LATE');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await next).toBe('confirmed');
    expect(sink.calls.map(({ ids }) => ids)).toEqual([['a1'], ['a2']]);
  });

  describe('tells why the last attempt failed', () => {
    const causeOf = (publishing: Promise<unknown>) =>
      publishing.then(
        () => 'confirmed',
        (error: { cause?: { code: string } }) => error.cause?.code,
      );
    const publishBy = (publisher: ReturnType<typeof createLanesPublisher>, ids: readonly string[], withinMs: number) =>
      causeOf(publisher.publish(events(...ids), feed, stay, undefined, undefined, Date.now() + withinMs));

    it('to all that waits in its lane, also to what came after it, and to nobody else', async () => {
      const refuseA: Answer = ({ items }) =>
        items.map(({ lane }, at) => (lane === 'a' ? failed(at === 0 ? 'LOG_UNWRITABLE' : 'NOT_SENT') : unknown()));
      const sink = createFakeSink({ answer: refuseA, maxCall: { events: 2 } });
      const publisher = createLanesPublisher(sink, () => {}, steady);
      const late = [publishBy(publisher, ['a1', 'a2', 'a3'], 1_000), publishBy(publisher, ['a4'], 1_000)];
      await vi.advanceTimersByTimeAsync(10);
      late.push(publishBy(publisher, ['a5'], 900), publishBy(publisher, ['b1'], 900));
      await vi.advanceTimersByTimeAsync(1_100);
      expect(await Promise.all(late)).toEqual(['LOG_UNWRITABLE', 'LOG_UNWRITABLE', 'LOG_UNWRITABLE', 'BROKER_TIMEOUT']);
      await publisher[Symbol.asyncDispose]();
    });

    it('and not why one before that did, which went well', async () => {
      const { answer, open } = gated();
      const refuse: Answer = ({ items }) => items.map(() => failed('LOG_UNWRITABLE'));
      const sink = createFakeSink({ answer: inTurn(refuse, confirmAll, answer) });
      const publisher = createLanesPublisher(sink, () => {}, { ...steady, baseMs: 100 });
      const mended = publishBy(publisher, ['a1'], 60_000);
      await vi.advanceTimersByTimeAsync(200);
      expect(await mended).toBe('confirmed');
      const busy = publishBy(publisher, ['a2'], 60_000);
      await vi.advanceTimersByTimeAsync(10);
      const late = publishBy(publisher, ['a3'], 1_000);
      await vi.advanceTimersByTimeAsync(1_100);
      expect(await late).toBeUndefined();
      open();
      expect(await busy).toBe('confirmed');
    });
  });

  it('holds nothing of what is too late, however long its lane has to wait', () => {
    const lane = createLane('a');
    const freshTicket = () =>
      createTicket(
        1,
        feed,
        createRun([], () => {}),
      );
    const [late, patient] = [freshTicket(), freshTicket()];
    const routed = createFakeSink().route(sampleEvent('a1', 'a'), feed);
    lane.queue = [patient, late, patient].map((ticket) => ({ routed, ticket, index: 0 }));
    late.promise.catch(() => {});
    late.expire(tooLate());
    tidyLane(lane);
    expect(lane.queue.map(({ ticket }) => ticket)).toEqual([patient, patient]);
  });
});
