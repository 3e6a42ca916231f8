import { describe, expect, it } from 'vitest';
import { createDeadLetterCopies } from '../../../src/pipeline/dead-letter-copies.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { createCopiedFeed } from '../../support/copied-feed.ts';
import { type Answer, confirmAll, createFakeSink, failed, inTurn, refusing, unknown } from '../../support/fake-sink.ts';
import { createFanOutFeed } from '../../support/fan-out-feed.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { sampleBatch } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};
const all =
  (delivery: ReturnType<typeof failed>): Answer =>
  ({ items }) =>
    items.map(() => delivery);
const tooLarge = refusing({ 2: failed('EVENT_TOO_LARGE') });

describe('copies of dead letters', () => {
  it('follow the local store, in order of the records, and come before ledger and ack', async () => {
    const { context, calls, copied, recorder, state } = createCopiedFeed(tooLarge);
    await settle(sampleBatch('7', ['1', '2', '!bad'], works, calls), context, atOnce, signal);
    expect(calls).toEqual([
      'ledger.find',
      'ledger.findParts',
      'publish 1 2',
      'deadLetters.add',
      'ledger.enterPart sample',
      'copy 1 2',
      'ledger.enter',
      'ack 7',
      'ledger.complete',
    ]);
    const bodies = copied.map((copy) => JSON.parse(copy));
    expect(bodies).toMatchObject([
      { type: 'dev.feedferry.deadletter', partitionkey: '/sample/feed', data: { index: 1, code: 'EVENT_TOO_LARGE' } },
      { source: '/feedferry/sample/feed', data: { index: 2, code: 'RECORD_MALFORMED', envelope: null } },
    ]);
    expect(bodies.map(({ id }) => id).toSorted()).toEqual(state.letters.map(({ id }) => id).toSorted());
    expect(recorder.of('dead-letter.copied').map(({ id }) => id)).toEqual(bodies.map(({ id }) => id));
  });

  it('are none where nothing is set aside', async () => {
    const { context, calls } = createCopiedFeed(confirmAll);
    await settle(sampleBatch('7', ['1', '-2'], works, calls), context, atOnce, signal);
    expect(calls.filter((call) => /copy|Part /.test(call))).toEqual([]);
  });

  it('are made of a batch without a name too', async () => {
    const { context, calls } = createCopiedFeed(confirmAll);
    await settle(sampleBatch(undefined, ['1', '!bad'], works, calls), context, atOnce, signal);
    expect(calls).toEqual(['publish 1', 'deadLetters.add', 'copy 1', 'ack undefined']);
  });

  it('are not made again of a batch that the ledger knows', async () => {
    const { context, calls, copied } = createCopiedFeed(confirmAll);
    const batch = () => sampleBatch('7', ['1', '!bad'], works, calls);
    await settle(batch(), context, atOnce, signal);
    await settle(batch(), context, atOnce, signal);
    expect(copied).toHaveLength(1);
  });

  it('are tried until they are confirmed, and the ack waits', async () => {
    const away = inTurn(all(failed('BROKER_UNREACHABLE')), all(unknown()), confirmAll);
    const { context, calls, recorder } = createCopiedFeed(confirmAll, away);
    await settle(sampleBatch('7', ['!bad'], works, calls), context, atOnce, signal);
    expect(calls.filter((call) => /copy|ack/.test(call))).toEqual(['copy 0', 'copy 0', 'copy 0', 'ack 7']);
    expect(recorder.of('attempt.failed')).toHaveLength(2);
  });

  it('that are refused for good are an alarm, and hold up nothing', async () => {
    const { context, calls, recorder, state } = createCopiedFeed(confirmAll, all(failed('EVENT_TOO_LARGE')));
    await settle(sampleBatch('7', ['!bad'], works, calls), context, atOnce, signal);
    expect(calls.slice(-2)).toEqual(['ack 7', 'ledger.complete']);
    expect(recorder.of('dead-letter.not-copied')).toMatchObject([
      { batchId: '7', id: state.letters[0]?.id, error: { code: 'EVENT_TOO_LARGE' } },
    ]);
    expect(recorder.of('dead-letter.not-copied')[0]?.error.message).toMatch(/^destination deadLetters: /);
  });
});

describe('where copies can never be made', () => {
  const missing = all(failed('DESTINATION_MISSING'));

  it('the batch is given back, with an error that names deadLetters', async () => {
    const { context, calls } = createCopiedFeed(confirmAll, missing);
    const settled = settle(sampleBatch('7', ['1', '!bad'], works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({
      code: 'DESTINATION_MISSING',
      message: 'destination deadLetters: the broker says DESTINATION_MISSING',
    });
    expect(calls.slice(-2)).toEqual(['copy 1', 'nack 7 DESTINATION_MISSING']);
  });

  it('the batch makes no flood of poison, however often it comes', async () => {
    const { context } = createCopiedFeed(confirmAll, missing);
    for (let probe = 0; probe < 150; probe++) {
      const settled = settle(sampleBatch('7', ['!bad']), context, atOnce, new AbortController().signal);
      await expect(settled).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    }
  });

  it('the events are published once, however often the batch comes', async () => {
    const first = createCopiedFeed(tooLarge, missing);
    const batch = () => sampleBatch('7', ['1', '2', '!bad', '3'], works);
    for (let probe = 0; probe < 3; probe++) {
      const { signal: another } = new AbortController();
      await expect(settle(batch(), first.context, atOnce, another)).rejects.toMatchObject({ disposition: 'fatal' });
    }
    expect(first.sink.confirmed).toEqual(['1', '3']);
    const second = createCopiedFeed(tooLarge, confirmAll, first.state);
    await settle(batch(), second.context, atOnce, signal);
    expect(second.sink.confirmed).toEqual([]);
    expect(second.copied.map((copy) => JSON.parse(copy).data.index)).toEqual([1, 2]);
    expect(first.recorder.of('event.dead-lettered')).toHaveLength(2);
  });
});

describe('after a crash', () => {
  const batch = () => sampleBatch('7', ['1', '2', '!bad'], works);

  it('between the local store and the copies, they are made when the batch comes again', async () => {
    const state = createMemoryState();
    const crash = new AbortController();
    const before = createCopiedFeed(
      tooLarge,
      ({ items }) => {
        crash.abort();
        return items.map(() => failed('STOPPING'));
      },
      state,
    );
    await expect(settle(batch(), before.context, atOnce, crash.signal)).rejects.toMatchObject({ code: 'STOPPING' });
    expect(state.letters).toHaveLength(2);
    const after = createCopiedFeed(tooLarge, confirmAll, state);
    await settle(batch(), after.context, atOnce, signal);
    expect(after.copied.map((copy) => JSON.parse(copy).data.index)).toEqual([1, 2]);
  });

  it('between the copies and the ledger, they are made again with equal bytes, whatever was tried before', async () => {
    const state = createMemoryState();
    const once = inTurn(({ items }) => items.map(() => failed()), tooLarge);
    const before = createCopiedFeed(once, confirmAll, state);
    state.fail('ledger.enter', 'STATE_UNWRITABLE', 1);
    state.fail('ledger.enterPart sample', 'STATE_UNWRITABLE', 1);
    const bodies = ['2', '1', '!bad'];
    const stuck = sampleBatch('7', bodies, () => Promise.reject(new Error('killed')));
    await expect(settle(stuck, before.context, atOnce, signal)).rejects.toThrow('killed');
    const after = createCopiedFeed(tooLarge, confirmAll, state);
    await settle(sampleBatch('7', bodies), after.context, atOnce, signal);
    expect(JSON.parse(before.copied[0] ?? '').data.attempts).toBe(2);
    expect(after.copied).toEqual(before.copied);
  });
});

describe('of several destinations', () => {
  function withCopies(fanOut: ReturnType<typeof createFanOutFeed>) {
    const sink = createFakeSink();
    const { report } = fanOut.recorder;
    const copies = createDeadLetterCopies(createLanesPublisher(sink, report), report);
    return { sink, context: { ...fanOut.context, copies } };
  }
  const reasons = (sink: ReturnType<typeof createFakeSink>) =>
    sink.calls.flatMap(({ items }) =>
      items.map(({ envelope }) => JSON.parse(Buffer.from(envelope.data.bytes).toString()).reason),
    );

  it('that refuse the same record, it has one copy with the reasons of both', async () => {
    const feed = createFanOutFeed({ a: { answer: tooLarge }, b: { answer: refusing({ 2: failed('EVENT_REFUSED') }) } });
    const { sink, context } = withCopies(feed);
    await settle(sampleBatch('7', ['1', '2']), context, atOnce, signal);
    expect(reasons(sink)).toEqual([
      'destination a: the broker says EVENT_TOO_LARGE; destination b: the broker says EVENT_REFUSED',
    ]);
  });

  it('what one has refused before another halted the feed is copied when the batch comes again', async () => {
    const first = createFanOutFeed(
      { a: { answer: tooLarge }, b: { answer: all(failed('DESTINATION_MISSING')) } },
      { graceMs: 1_000 },
    );
    const before = withCopies(first);
    await expect(
      settle(sampleBatch('7', ['1', '2']), before.context, atOnce, new AbortController().signal),
    ).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    expect(before.sink.calls).toEqual([]);
    const second = createFanOutFeed({ a: { answer: tooLarge }, b: {} }, { state: first.state });
    const after = withCopies(second);
    await settle(sampleBatch('7', ['1', '2']), after.context, atOnce, signal);
    expect(second.confirmed('a')).toEqual([]);
    expect(second.confirmed('b')).toEqual(['1', '2']);
    expect(reasons(after.sink)).toEqual(['destination a: the broker says EVENT_TOO_LARGE']);
  });
});
