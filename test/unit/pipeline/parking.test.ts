import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import type { Envelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { type Answer, confirm, confirmAll, failed, refusing } from '../../support/fake-sink.ts';
import { createFanOutFeed } from '../../support/fan-out-feed.ts';
import { withParking } from '../../support/parking-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};
const tooLarge = failed('EVENT_TOO_LARGE');

const parkedFeed = (answer?: Answer) => withParking(createSampleFeed(answer), 'park-key');
const bodyOf = ({ record }: DeadLetter) => Buffer.from(record.bytes).toString();

describe('under park-key', () => {
  it('sets aside what follows a refused event with its key, in order, and publishes all others', async () => {
    const { context, sink, state } = parkedFeed(refusing({ 2: tooLarge }));
    await settle(sampleBatch('7', ['1@a', '2@a', '3@b', '4@a', '5@a', '6@b']), context, atOnce, signal);
    expect(sink.confirmed).toEqual(['1', '3', '6']);
    expect(sink.calls.flatMap(({ ids }) => ids)).not.toContain('4');
    expect(state.letters).toMatchObject([
      { index: 1, status: 'parked', code: 'EVENT_TOO_LARGE', stage: 'publish', partitionKey: 'a', attempts: 1 },
      { index: 3, status: 'parked', code: 'KEY_PARKED', stage: 'parked', partitionKey: 'a', attempts: 0 },
      { index: 4, status: 'parked', code: 'KEY_PARKED', stage: 'parked', destination: 'sample' },
    ]);
  });

  it('parks in later batches too, and each is durable before its ack', async () => {
    const { context, sink, state, calls } = parkedFeed(refusing({ 1: tooLarge }));
    await settle(sampleBatch('7', ['1@a'], works, calls), context, atOnce, signal);
    await settle(sampleBatch('8', ['2@a', '3@b'], works, calls), context, atOnce, signal);
    expect(sink.confirmed).toEqual(['3']);
    expect(state.letters.map(bodyOf)).toEqual(['1@a', '2@a']);
    expect(calls.filter((call) => /add|ack/.test(call))).toEqual([
      'deadLetters.add',
      'ack 7',
      'deadLetters.add',
      'ack 8',
    ]);
  });

  it('parks what other batches have in flight behind it, in order of acceptance', async () => {
    const answered = Promise.withResolvers<void>();
    const { context, sink, state } = parkedFeed(async (call) => {
      await answered.promise;
      return refusing({ 1: tooLarge })(call);
    });
    const queued = async (id: string, bodies: readonly string[]) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const settled = settle(sampleBatch(id, bodies), context, { queued: resolve, mayAck: Promise.resolve() }, signal);
      await promise;
      return { settled };
    };
    const all = [await queued('7', ['1@a', '2@b']), await queued('8', ['3@a', '4@b']), await queued('9', ['5@a'])];
    answered.resolve();
    await Promise.all(all.map(({ settled }) => settled));
    expect(sink.confirmed).toEqual(['2', '4']);
    expect(state.letters.map(bodyOf)).toEqual(['1@a', '3@a', '5@a']);
  });

  it('keeps the order of a key when the batch of the refused event is given back before it is settled', async () => {
    const { context, state } = parkedFeed(({ items }) =>
      items.map(({ envelope: { attributes } }) =>
        attributes.id === '1' ? tooLarge : attributes.id === '2' ? failed('BROKER_UNAVAILABLE') : confirm,
      ),
    );
    const stop = new AbortController();
    const first = settle(sampleBatch('7', ['1@a', '2@b']), context, atOnce, stop.signal).catch(() => 'returned');
    await expect.poll(() => context.parking.isParked({ destination: 'sample', key: 'a' })).toBe(true);
    stop.abort();
    expect(await first).toBe('returned');
    await settle(sampleBatch('8', ['3@a']), context, atOnce, signal);
    expect(state.letters.map(bodyOf)).toEqual(['1@a', '3@a']);
    expect(state.letters[0]).toMatchObject({ code: 'EVENT_TOO_LARGE' });
  });

  it('goes on after a restart, and a batch that comes again changes no place', async () => {
    const before = parkedFeed(refusing({ 1: tooLarge }));
    const batch = () => sampleBatch(undefined, ['1@a', '2@a']);
    await settle(batch(), before.context, atOnce, signal);
    const feed = createSampleFeed();
    const context = { ...feed.context, deadLetters: before.context.deadLetters };
    const parked = await context.deadLetters.parkedKeys();
    const after = withParking({ ...feed, context }, 'park-key', parked);
    await settle(sampleBatch(undefined, ['3@a']), after.context, atOnce, signal);
    await settle(batch(), after.context, atOnce, signal);
    expect(feed.sink.confirmed).toEqual([]);
    expect(before.state.letters.map(bodyOf)).toEqual(['1@a', '2@a', '3@a']);
    expect(before.state.letters[0]).toMatchObject({ code: 'EVENT_TOO_LARGE', stage: 'publish' });
  });

  it('keeps keys parked when new poison is only a dead letter again', async () => {
    const parked = [{ feed: 'sample/feed', destination: 'sample', key: 'a' }] as const;
    const { context, sink, state } = withParking(createSampleFeed(refusing({ 2: tooLarge })), 'dead-letter', parked);
    await settle(sampleBatch('7', ['1@a', '2@b', '3@b']), context, atOnce, signal);
    expect(sink.confirmed).toEqual(['3']);
    expect(state.letters.map(({ status }) => status).toSorted()).toEqual(['open', 'parked']);
  });

  it('sets a record that never became an event aside alone', async () => {
    const { context, sink, state } = parkedFeed();
    await settle(sampleBatch('7', ['!1@a', '2@a']), context, atOnce, signal);
    expect(sink.confirmed).toEqual(['2']);
    expect(state.letters).toMatchObject([{ status: 'open', stage: 'normalise' }]);
  });

  it('parks behind an event that has no destination, but not what stands before it', async () => {
    const { context, sink, state } = parkedFeed();
    await settle(sampleBatch('7', ['1@a', 'unroutable2@a', '3@a', '4@b']), context, atOnce, signal);
    expect(sink.confirmed.toSorted()).toEqual(['1', '4']);
    expect(state.letters.map(bodyOf)).toEqual(['unroutable2@a', '3@a']);
  });

  it('lets an event that is only late go before what follows it', async () => {
    let tries = 0;
    const { context, sink, state } = parkedFeed(({ ids, items }) =>
      items.map((_, at) => (ids[at] === '1' && tries++ === 0 ? failed('BROKER_UNAVAILABLE') : confirm)),
    );
    await settle(sampleBatch('7', ['1@a', 'unroutable2@a', '3@a']), context, atOnce, signal);
    expect(sink.confirmed).toEqual(['1']);
    expect(state.letters.map(bodyOf)).toEqual(['unroutable2@a', '3@a']);
  });

  it('parks for each destination by itself', async () => {
    const { context, confirmed, state } = withParking(
      createFanOutFeed({ left: { answer: refusing({ 1: tooLarge }) }, right: {} }),
      'park-key',
    );
    await settle(sampleBatch('7', ['1@a', '2@a']), context, atOnce, signal);
    expect(confirmed('left')).toEqual([]);
    expect(confirmed('right')).toEqual(['1', '2']);
    expect(state.letters).toMatchObject([
      { index: 0, destination: 'left', code: 'EVENT_TOO_LARGE' },
      { index: 1, destination: 'left', code: 'KEY_PARKED' },
    ]);
  });

  it('parks behind an event that the condition of a destination fails on, there alone', async () => {
    const wants = async ({ attributes: { id } }: Envelope) => {
      if (id === '2') throw new BridgeError('CONDITION_FAILED', 'no number');
      return id !== '3';
    };
    const { context, confirmed, state } = withParking(createFanOutFeed({ left: { wants }, right: {} }), 'park-key');
    await settle(sampleBatch('7', ['1@a', '2@a', '3@a', '4@a', '5@b']), context, atOnce, signal);
    expect(confirmed('left').toSorted()).toEqual(['1', '5']);
    expect(confirmed('right').toSorted()).toEqual(['1', '2', '3', '4', '5']);
    expect(state.letters).toMatchObject([
      { index: 1, destination: 'left', code: 'CONDITION_FAILED', status: 'parked' },
      { index: 3, destination: 'left', code: 'KEY_PARKED', status: 'parked' },
    ]);
  });

  it('keeps what two destinations park apart', async () => {
    const answer = refusing({ 1: tooLarge });
    const { context, state } = withParking(createFanOutFeed({ left: { answer }, right: { answer } }), 'park-key');
    await settle(sampleBatch('7', ['1@a', '2@a']), context, atOnce, signal);
    const keys = await state.deadLetters.parkedKeys();
    expect(keys).toMatchObject([
      { destination: 'left', key: 'a', count: 2 },
      { destination: 'right', key: 'a', count: 2 },
    ]);
  });

  it('tells which key is parked, once, and how much', async () => {
    const { context, recorder } = parkedFeed(refusing({ 1: tooLarge }));
    await settle(sampleBatch('7', ['1@a', '2@a', '3@a']), context, atOnce, signal);
    expect(recorder.of('key.parked')).toMatchObject([{ feed: 'sample/feed', key: 'a' }]);
    expect(recorder.of('parking.changed').at(-1)).toMatchObject({ keys: 1, records: 3 });
    expect(recorder.of('event.dead-lettered')).toHaveLength(1);
  });

  it('acks nothing while a parked event is not durable, and forgets nothing', async () => {
    const { context, state, calls } = parkedFeed(refusing({ 1: tooLarge }));
    state.fail('deadLetters.add', 'STATE_DAMAGED', 1);
    const batch = sampleBatch('7', ['1@a'], works, calls);
    await expect(settle(batch, context, atOnce, signal)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    await settle(sampleBatch('8', ['2@a'], works, calls), context, atOnce, signal);
    expect(state.letters.map(bodyOf)).toEqual(['1@a', '2@a']);
    expect(calls).not.toContain('ack 7');
  });
});

describe('under stop', () => {
  const stopping = (answer?: Answer) => withParking(createSampleFeed(answer), 'stop');

  it('halts at the first refused event, sends nothing of its key, and acks nothing', async () => {
    const { context, sink, calls, state } = stopping(refusing({ 1: tooLarge }));
    const settled = settle(sampleBatch('7', ['1@a', '2@a'], works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({
      code: 'POISON_STOPPED',
      message: 'EVENT_TOO_LARGE: the broker says EVENT_TOO_LARGE',
    });
    expect(sink.confirmed).toEqual([]);
    expect(state.letters).toEqual([]);
    expect(calls.at(-1)).toBe('nack 7 POISON_STOPPED');
  });

  for (const bodies of [['1@a', '!2'], ['unroutable1@a']]) {
    it(`halts at ${bodies.join(' ')}`, async () => {
      const { context, calls, state } = stopping();
      const settled = settle(sampleBatch('7', bodies, works, calls), context, atOnce, signal);
      await expect(settled).rejects.toMatchObject({ code: 'POISON_STOPPED' });
      expect(state.letters).toEqual([]);
      expect(calls.filter((call) => call.startsWith('ack'))).toEqual([]);
    });
  }

  it('does not stop for what is fine', async () => {
    const { context, sink } = stopping(confirmAll);
    await settle(sampleBatch('7', ['1@a', '2@a', '3@b']), context, atOnce, signal);
    expect(sink.confirmed.toSorted()).toEqual(['1', '2', '3']);
  });
});
