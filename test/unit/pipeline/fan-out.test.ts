import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { type Answer, confirmAll, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import { createFanOutFeed } from '../../support/fan-out-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';

const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};

/** What one drain of a feed publishes under. */
const drain = () => new AbortController().signal;

const down: Answer = ({ items }) => items.map(() => failed());
const gone: Answer = ({ items }) => items.map(() => failed('DESTINATION_MISSING'));

/** Answers when it is told to. */
function gate(): { readonly answer: Answer; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { answer: (call) => promise.then(() => confirmAll(call)), open: resolve };
}

describe('several destinations', () => {
  it('get every event, and only then the batch is acked', async () => {
    const slow = gate();
    const feed = createFanOutFeed({ a: {}, b: { answer: slow.answer } });
    const { calls } = feed;
    const settled = settle(sampleBatch('7', ['1', '2'], works, calls), feed.context, atOnce, drain());
    await expect.poll(() => calls).toContain('ledger.enterPart a');
    expect(calls).not.toContain('ack 7');
    slow.open();
    await settled;
    expect([feed.confirmed('a'), feed.confirmed('b')]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    expect(calls.slice(-4)).toEqual(['ledger.enterPart b', 'ledger.enter', 'ack 7', 'ledger.complete']);
    expect(feed.recorder.of('batch.confirmed')).toMatchObject([
      { events: 2, poison: 0, whereabouts: 'a: topic/0 @ 0, 0; b: topic/0 @ 0, 0' },
    ]);
  });

  it('retry on their own: one that fails is tried again, the other confirms once', async () => {
    const feed = createFanOutFeed({ a: { answer: inTurn(down, down, confirmAll) }, b: {} });
    await settle(sampleBatch('7', ['1', '2']), feed.context, atOnce, drain());
    expect(feed.sinks['a']?.calls).toHaveLength(3);
    expect(feed.sinks['b']?.calls).toHaveLength(1);
    expect(feed.confirmed('a')).toEqual(['1', '2']);
  });

  it('keep the order of batches, each at its own pace', async () => {
    const slow = gate();
    const feed = createFanOutFeed({ a: { answer: slow.answer }, b: { answer: inTurn(down, confirmAll) } });
    const signal = drain();
    const settled: Promise<void>[] = [];
    for (const id of ['1', '2', '3']) {
      const { promise, resolve } = Promise.withResolvers<void>();
      settled.push(settle(sampleBatch(id, [id]), feed.context, { ...atOnce, queued: resolve }, signal));
      await promise;
    }
    await expect.poll(() => feed.confirmed('b')).toEqual(['1', '2', '3']);
    expect(feed.confirmed('a')).toEqual([]);
    slow.open();
    await Promise.all(settled);
    expect(feed.confirmed('a')).toEqual(['1', '2', '3']);
  });
});

describe('a fatal error of one destination', () => {
  it('gives the batch back and names the destination; what comes again goes only where it is missing', async () => {
    const feed = createFanOutFeed({ a: { answer: inTurn(gone, confirmAll) }, b: {} });
    const { calls } = feed;
    const first = settle(sampleBatch('7', ['1', '2'], works, calls), feed.context, atOnce, drain());
    await expect(first).rejects.toMatchObject({
      code: 'DESTINATION_MISSING',
      message: 'destination a: the broker says DESTINATION_MISSING',
    });
    expect(calls.at(-1)).toBe('nack 7 DESTINATION_MISSING');
    await settle(sampleBatch('7', ['1', '2'], works, calls), feed.context, atOnce, drain());
    expect(feed.confirmed('a')).toEqual(['1', '2']);
    expect(feed.confirmed('b')).toEqual(['1', '2']);
    expect([...feed.state.entries.values()]).toMatchObject([
      { events: 2, whereabouts: 'a: topic/0 @ 0, 0; b: topic/0 @ 0, 0' },
    ]);
  });

  it('leaves the other one the time for its confirm', async () => {
    const slow = gate();
    const feed = createFanOutFeed({ a: { answer: gone }, b: { answer: slow.answer } }, { graceMs: 60_000 });
    const settled = settle(sampleBatch('7', ['1']), feed.context, atOnce, drain());
    await expect.poll(() => feed.sinks['a']?.calls.length).toBe(1);
    slow.open();
    await expect(settled).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    expect(feed.state.parts).toMatchObject([{ destination: 'b', events: 1 }]);
  });

  it('does not wait for one that is down, and what follows overtakes nothing there', async () => {
    const feed = createFanOutFeed({ a: { answer: inTurn(gone, confirmAll) }, b: { answer: inTurn(down, confirmAll) } });
    const slow = createFanOutFeed({ a: { answer: gone }, b: { answer: down } }, { graceMs: 5 });
    const signal = drain();
    const batches = ['1', '2'].map((id) => settle(sampleBatch(id, [id]), slow.context, atOnce, signal));
    for (const ended of await Promise.allSettled(batches)) {
      expect(ended).toMatchObject({ status: 'rejected', reason: { code: 'DESTINATION_MISSING' } });
    }
    expect(slow.confirmed('b')).toEqual([]);
    await settle(sampleBatch('1', ['1']), feed.context, atOnce, drain()).catch(() => {});
    await settle(sampleBatch('1', ['1']), feed.context, atOnce, drain());
    await settle(sampleBatch('2', ['2']), feed.context, atOnce, drain());
    expect([...new Set(feed.confirmed('b'))]).toEqual(['1', '2']);
  });
});

it('a crash between the confirms of two destinations sends the batch only to the one that lacks it', async () => {
  const dead = gate();
  const before = createFanOutFeed({ a: {}, b: { answer: dead.answer } });
  const killed = new AbortController();
  const lost = settle(sampleBatch('7', ['1', '2']), before.context, atOnce, killed.signal).catch(() => {});
  await expect.poll(() => before.state.parts).toHaveLength(1);
  const after = createFanOutFeed({ a: {}, b: {} }, { state: before.state });
  await settle(sampleBatch('7', ['1', '2']), after.context, atOnce, drain());
  expect(after.confirmed('a')).toEqual([]);
  expect(after.confirmed('b')).toEqual(['1', '2']);
  expect(after.recorder.of('batch.confirmed')).toMatchObject([{ events: 2 }]);
  killed.abort();
  await lost;
});

it('a batch with other content is published everywhere, though its id is known', async () => {
  const feed = createFanOutFeed({ a: { answer: inTurn(gone, confirmAll) }, b: {} });
  await settle(sampleBatch('7', ['1']), feed.context, atOnce, drain()).catch(() => {});
  await settle(sampleBatch('7', ['2']), feed.context, atOnce, drain());
  expect(feed.confirmed('b')).toEqual(['1', '2']);
});

describe('poison', () => {
  it('at one destination is set aside once, with its name, and the other destination has the event', async () => {
    const tooLarge = refusing({ 2: failed('EVENT_TOO_LARGE') });
    const feed = createFanOutFeed({ a: { answer: tooLarge }, b: {} });
    await settle(sampleBatch('7', ['1', '2', '3', '!bad']), feed.context, atOnce, drain());
    expect(feed.confirmed('a')).toEqual(['1', '3']);
    expect(feed.confirmed('b')).toEqual(['1', '2', '3']);
    expect(feed.state.letters).toMatchObject([
      { index: 1, code: 'EVENT_TOO_LARGE', reason: 'destination a: the broker says EVENT_TOO_LARGE' },
      { index: 3, code: 'RECORD_MALFORMED' },
    ]);
    expect(feed.recorder.of('batch.confirmed')).toMatchObject([{ events: 3, poison: 2 }]);
  });

  it('at both is one dead letter that names both', async () => {
    const tooLarge = refusing({ 2: failed('EVENT_TOO_LARGE') });
    const feed = createFanOutFeed({ a: { answer: tooLarge }, b: { answer: tooLarge } });
    await settle(sampleBatch('7', ['1', '2']), feed.context, atOnce, drain());
    expect(feed.recorder.of('batch.confirmed')).toMatchObject([{ events: 1, poison: 1 }]);
    expect(new Set(feed.state.letters.map(({ id }) => id)).size).toBe(1);
    expect(feed.state.letters.at(-1)?.reason).toMatch(/^destination a: .*; destination b: /);
  });

  it('is durable before its destination counts as done', async () => {
    const tooLarge = refusing({ 2: failed('EVENT_TOO_LARGE') });
    const feed = createFanOutFeed({ a: { answer: tooLarge }, b: { answer: gone } });
    await settle(sampleBatch('7', ['1', '2']), feed.context, atOnce, drain()).catch(() => {});
    const { calls } = feed;
    expect(calls.indexOf('deadLetters.add')).toBeLessThan(calls.indexOf('ledger.enterPart a'));
    expect(calls).toContain('ledger.enterPart a');
  });
});

describe('conditions', () => {
  const even = async ({ attributes: { id } }: { attributes: { id: string } }) => Number(id) % 2 === 0;
  const no = async () => false;

  it('send each event where it is wanted, in order; what nobody wants is filtered and acked', async () => {
    const feed = createFanOutFeed({
      even: { wants: even },
      small: { wants: async (e) => Number(e.attributes.id) < 3 },
    });
    const { calls } = feed;
    await settle(sampleBatch('7', ['1', '2', '3', '4', '5'], works, calls), feed.context, atOnce, drain());
    expect(feed.confirmed('even')).toEqual(['2', '4']);
    expect(feed.confirmed('small')).toEqual(['1', '2']);
    expect(feed.recorder.of('batch.confirmed')).toMatchObject([{ events: 3, filtered: 2, poison: 0 }]);
    expect(calls).toContain('ack 7');
  });

  it('none of which is met complete a batch that is published nowhere', async () => {
    const feed = createFanOutFeed({ a: { wants: no }, b: { wants: no } });
    await settle(sampleBatch('7', ['1', '2'], works, feed.calls), feed.context, atOnce, drain());
    expect([feed.sinks['a']?.calls, feed.sinks['b']?.calls]).toEqual([[], []]);
    expect(feed.recorder.of('batch.confirmed')).toMatchObject([{ events: 0, filtered: 2, whereabouts: '' }]);
    expect(feed.calls).toContain('ack 7');
  });

  it('that fail set the event aside with the name of the destination; the other one has it', async () => {
    const fails = async ({ attributes: { id } }: { attributes: { id: string } }) => {
      if (id === '2') throw new BridgeError('RECORD_INVALID', 'the condition cannot be evaluated');
      return true;
    };
    const feed = createFanOutFeed({ a: { wants: fails }, b: {} });
    await settle(sampleBatch('7', ['1', '2']), feed.context, atOnce, drain());
    expect(feed.confirmed('a')).toEqual(['1']);
    expect(feed.confirmed('b')).toEqual(['1', '2']);
    expect(feed.state.letters).toMatchObject([
      { index: 1, stage: 'step', reason: 'destination a: the condition cannot be evaluated' },
    ]);
  });

  it('that fail on everything halt the feed, and nothing is set aside', async () => {
    const fails = () => Promise.reject(new BridgeError('CONDITION_FAILED', 'no'));
    const feed = createFanOutFeed({ a: { wants: fails }, b: {} });
    const bodies = Array.from({ length: 150 }, (_, n) => `${n}`);
    const settled = settle(sampleBatch('7', bodies), feed.context, atOnce, drain());
    await expect(settled).rejects.toMatchObject({ code: 'POISON_FLOOD' });
    expect(feed.state.letters).toEqual([]);
    expect(feed.confirmed('b')).toEqual([]);
  });
});
