import { describe, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { confirm, confirmAll, failed, refusing } from '../../support/fake-sink.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const works = async () => {};

describe('settling a batch', () => {
  it('publishes, makes dead letters durable, enters the ledger, and only then acks', async () => {
    const { context, state, calls, recorder } = createSampleFeed();
    const batch = sampleBatch('7', ['1', '!bad', '2', '-unwanted'], works, calls);
    await settle(batch, context, atOnce, signal);
    expect(calls).toEqual([
      'ledger.find',
      'publish 1 2',
      'deadLetters.add',
      'ledger.enter',
      'ack 7',
      'ledger.complete',
    ]);
    expect(recorder.of('batch.confirmed')).toMatchObject([{ batchId: '7', events: 2, filtered: 1, poison: 1 }]);
    expect(recorder.of('batch.completed')).toHaveLength(1);
    expect([...state.entries.values()]).toMatchObject([
      { batchId: '7', events: 2, whereabouts: 'topic/0 @ 0, 0', completedAt: expect.any(Date) },
    ]);
  });

  it('sets aside what normalise refuses, with its own bytes and reason', async () => {
    const { context, state, recorder } = createSampleFeed();
    await settle(sampleBatch('7', ['1', '!bad']), context, atOnce, signal);
    expect(state.letters).toMatchObject([
      {
        feed: 'sample/feed',
        source: '/sample/feed',
        code: 'RECORD_MALFORMED',
        reason: 'record 1 of batch 7 is !bad',
        stage: 'normalise',
        attempts: 1,
        batchId: '7',
        index: 1,
        envelope: null,
      },
    ]);
    expect(Buffer.from(state.letters[0]?.record.bytes ?? []).toString()).toBe('!bad');
    expect(recorder.of('event.dead-lettered')).toMatchObject([{ id: state.letters[0]?.id, batchId: '7' }]);
  });

  it('sets aside what the broker refuses, with the event as it was sent', async () => {
    const { context, state, calls } = createSampleFeed(refusing({ 2: failed('EVENT_TOO_LARGE') }));
    const batch = sampleBatch('7', ['1', '2', '3'], works, calls);
    await settle(batch, context, atOnce, signal);
    expect(state.letters).toMatchObject([{ code: 'EVENT_TOO_LARGE', stage: 'publish', index: 1, attempts: 1 }]);
    expect(JSON.parse(Buffer.from(state.letters[0]?.envelope ?? []).toString())).toMatchObject({ id: '2' });
    expect(calls.slice(-2)).toEqual(['ack 7', 'ledger.complete']);
  });

  it('only acks a batch that the ledger knows', async () => {
    const { context, calls, recorder } = createSampleFeed();
    const stuck = () => Promise.reject(new BridgeError('COMPLETE_REFUSED', 'complete answers 404.'));
    await settle(sampleBatch('7', ['1'], stuck), context, atOnce, signal).catch(() => {});
    calls.length = 0;
    await settle(sampleBatch('7', ['1'], works, calls), context, atOnce, signal);
    expect(calls).toEqual(['ledger.find', 'ack 7', 'ledger.complete']);
    expect(recorder.of('batch.recognised')).toMatchObject([{ batchId: '7' }]);
  });

  for (const [what, bodies] of [
    ['other content', ['2']],
    ['the same bytes cut into other records', ['1', '2']],
  ] as const) {
    it(`publishes a batch with a known id and ${what}`, async () => {
      const { context, sink } = createSampleFeed();
      await settle(sampleBatch('7', ['12']), context, atOnce, signal);
      await settle(sampleBatch('7', bodies), context, atOnce, signal);
      expect(sink.confirmed).toEqual(['12', ...bodies]);
    });
  }

  it('does not ask the ledger where upstream has no name for its batches', async () => {
    const { context, calls } = createSampleFeed();
    await settle(sampleBatch(undefined, ['1'], works, calls), context, atOnce, signal);
    expect(calls).toEqual(['publish 1', 'ack undefined']);
  });

  for (const [what, bodies] of [
    ['nothing in it', []],
    ['nothing that is wanted', ['-1', '-2']],
  ] as const) {
    it(`acks a batch with ${what}`, async () => {
      const { context, calls } = createSampleFeed();
      await settle(sampleBatch('7', bodies, works, calls), context, atOnce, signal);
      expect(calls).toEqual(['ledger.find', 'ledger.enter', 'ack 7', 'ledger.complete']);
    });
  }

  it('lets the next batch follow as soon as its events are queued, and waits for its own turn to ack', async () => {
    const confirmed = Promise.withResolvers<void>();
    const turn = Promise.withResolvers<void>();
    const queued = Promise.withResolvers<void>();
    const { context, calls, recorder } = createSampleFeed(async (call) => {
      await confirmed.promise;
      return confirmAll(call);
    });
    const batch = sampleBatch('7', ['1'], works, calls);
    const settled = settle(batch, context, { queued: queued.resolve, mayAck: turn.promise }, signal);
    await queued.promise;
    expect(recorder.of('batch.confirmed')).toEqual([]);
    confirmed.resolve();
    await recorder.seen('batch.confirmed');
    await new Promise(setImmediate);
    expect(batch.calls).not.toContain('ack 7');
    turn.resolve();
    await settled;
    expect(batch.calls).toContain('ack 7');
  });

  it('gives itself back when a batch that had to be acked before it was not', async () => {
    const { context, calls } = createSampleFeed();
    const mayAck = Promise.reject(new BridgeError('COMPLETE_REFUSED', 'the one before'));
    // It is looked at only when the events are published.
    mayAck.catch(() => {});
    const settled = settle(sampleBatch('7', ['1'], works, calls), context, { queued: () => {}, mayAck }, signal);
    await expect(settled).rejects.toMatchObject({ code: 'COMPLETE_REFUSED', message: 'the one before' });
    expect(calls.at(-1)).toBe('nack 7 COMPLETE_REFUSED');
  });

  it('says of a refused complete where the batch is published, and keeps the advice', async () => {
    const message = 'complete answers 404 and next returns it again (5 times).';
    const hint = 'Check baseUrl and who else polls. Then: feedferry resume fenergo/journey';
    const refused = () => Promise.reject(new BridgeError('COMPLETE_REFUSED', message, { hint }));
    let offset = 881;
    const { context, calls } = createSampleFeed(({ items }) =>
      items.map(() => ({ ...confirm, receipt: { partition: 0, offset: offset++ } })),
    );
    const bodies = Array.from({ length: 10 }, (_, n) => `${n}`);
    const batch = sampleBatch('1642925639481', bodies, refused, calls);
    await expect(settle(batch, context, atOnce, signal)).rejects.toMatchObject({
      code: 'COMPLETE_REFUSED',
      message: `batch 1642925639481 is published (topic/0 @ 881-890), but ${message}`,
      hint,
    });
    expect(calls.filter((call) => call.startsWith('nack'))).toEqual([]);
  });
});

describe('settling a batch that cannot be settled', () => {
  it('gives it back when publishing ends fatally, and enters nothing', async () => {
    const { context, calls, recorder } = createSampleFeed(refusing({ 1: failed('DESTINATION_MISSING') }));
    const settled = settle(sampleBatch('7', ['1', '!bad'], works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    expect(calls).toEqual(['ledger.find', 'publish 1', 'nack 7 DESTINATION_MISSING']);
    expect(recorder.of('batch.returned')).toMatchObject([{ batchId: '7', error: { code: 'DESTINATION_MISSING' } }]);
  });

  it('gives it back when the ledger cannot be asked, and publishes nothing', async () => {
    const { context, calls, state } = createSampleFeed();
    state.fail('ledger.find', 'STATE_DAMAGED');
    const settled = settle(sampleBatch('7', ['1'], works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    expect(calls).toEqual(['ledger.find', 'nack 7 STATE_DAMAGED']);
  });

  it('gives it back when a dead letter cannot be kept, and enters nothing', async () => {
    const { context, calls, state } = createSampleFeed();
    state.fail('deadLetters.add', 'STATE_DAMAGED');
    const settled = settle(sampleBatch('7', ['1', '!bad'], works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    expect(calls).toEqual(['ledger.find', 'publish 1', 'deadLetters.add', 'nack 7 STATE_DAMAGED']);
  });

  it('gives it back as a fault of the bridge when normalise throws', async () => {
    const { context, calls } = createSampleFeed();
    const throwing = {
      ...context,
      normalise: () => {
        throw new TypeError('not pure');
      },
    };
    const settled = settle(sampleBatch('7', ['1'], works, calls), throwing, atOnce, signal);
    await expect(settled).rejects.toMatchObject({ code: 'INTERNAL', message: 'not pure' });
    expect(calls).toEqual(['ledger.find', 'nack 7 INTERNAL']);
  });

  it('touches nothing in a flood of poison', async () => {
    const { context, calls, state } = createSampleFeed();
    const bodies = ['1', ...Array.from({ length: 100 }, (_, n) => `!${n}`), '2'];
    const settled = settle(sampleBatch('7', bodies, works, calls), context, atOnce, signal);
    await expect(settled).rejects.toMatchObject({ code: 'POISON_FLOOD' });
    expect(calls).toEqual(['ledger.find', 'nack 7 POISON_FLOOD']);
    expect(state.letters).toEqual([]);
  });

  it('acks what is published though the ledger cannot be written, and raises an alarm', async () => {
    const { context, calls, state, recorder } = createSampleFeed();
    state.fail('ledger.enter', 'STATE_UNWRITABLE');
    state.fail('ledger.complete', 'STATE_UNWRITABLE');
    await settle(sampleBatch('7', ['1'], works, calls), context, atOnce, signal);
    expect(calls).toEqual(['ledger.find', 'publish 1', 'ledger.enter', 'ack 7', 'ledger.complete']);
    expect(recorder.of('attempt.failed')).toMatchObject([
      { subject: 'sample/feed', activity: 'ledger', error: { code: 'STATE_UNWRITABLE' } },
      { activity: 'ledger' },
    ]);
    expect(recorder.of('batch.completed')).toHaveLength(1);
  });
});
