import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { SpoolEntry } from '../../../src/core/spool.ts';
import { batchKey } from '../../../src/pipeline/batch-key.ts';
import { normaliseBatch } from '../../../src/pipeline/normalise.ts';
import { parkedIds } from '../../../src/pipeline/parked-letters.ts';
import { settle } from '../../../src/pipeline/settle.ts';
import { spoolEntries } from '../../../src/pipeline/spool-entries.ts';
import { spooling } from '../../../src/pipeline/spooling.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const turn = { queued: () => {}, mayAck: Promise.resolve() };

function subject(batch: Batch) {
  const feed = createSampleFeed();
  const told: string[] = [];
  const appended: SpoolEntry[] = [];
  const failures: BridgeError[] = [];
  const handling = spooling({
    ...feed.context,
    spool: {
      async append(_feed, entries) {
        const failure = failures.shift();
        if (failure) throw failure;
        told.push('append');
        appended.push(...entries);
        return entries.map((_, at) => ({ status: 'spooled', sequence: at + 1 }));
      },
    },
  });
  const heard: Batch = {
    ...batch,
    ack: async () => void told.push('ack'),
    nack: async () => void told.push('nack'),
  };
  return { ...feed, told, appended, failures, settle: (until = signal) => handling.settle(heard, turn, until) };
}

describe('a batch that is spooled', () => {
  it('is acked after it is in the spool, and not before', async () => {
    const { settle, told, appended, recorder } = subject(sampleBatch('7', ['a', 'b']));
    await settle();
    expect(told).toEqual(['append', 'ack']);
    expect(appended.map(({ index }) => index)).toEqual([0, 1]);
    expect(recorder.of('batch.spooled')).toMatchObject([{ records: 2, duplicates: 0 }]);
  });

  it('stays upstream when it is given up while the spool is full', async () => {
    const { settle, told, failures, recorder } = subject(sampleBatch('7', ['a']));
    failures.push(new BridgeError('SPOOL_FULL', 'full'));
    const ending = new AbortController();
    const settled = settle(ending.signal);
    await recorder.seen('attempt.failed');
    ending.abort();
    await expect(settled).rejects.toMatchObject({ code: 'STOPPING' });
    expect(told).toEqual(['nack']);
  });

  it('waits while the spool cannot be written, and is acked then', async () => {
    const { settle, told, failures } = subject(sampleBatch('7', ['a']));
    failures.push(new BridgeError('STATE_UNWRITABLE', 'no space'));
    await settle();
    expect(told).toEqual(['append', 'ack']);
  });

  it('is given back, with the reason, when its deadline comes first', async () => {
    const { settle, told, failures } = subject({ ...sampleBatch('7', ['a']), deadline: Date.now() + 50 });
    failures.push(...Array.from({ length: 100 }, () => new BridgeError('SPOOL_FULL', 'full')));
    await expect(settle()).rejects.toMatchObject({ code: 'SPOOL_FULL' });
    expect(told).toEqual(['nack']);
  });

  it.each([
    ['lets the next one follow only from the disk', false, []],
    ['lets the next one share its fsync where that is wanted', true, ['queued']],
  ] as const)('%s', async (_, sideBySide, before) => {
    const told: string[] = [];
    const disk = Promise.withResolvers<void>();
    const handling = spooling({
      ...createSampleFeed().context,
      sideBySide,
      spool: {
        async append() {
          await disk.promise;
          return [{ status: 'spooled', sequence: 1 }];
        },
      },
    });
    const queued = () => void told.push('queued');
    const { upstreamId: _name, ...unnamed } = sampleBatch('7', ['a']);
    const settled = handling.settle(unnamed, { ...turn, queued }, signal);
    await new Promise(setImmediate);
    expect(told).toEqual(before);
    disk.resolve();
    await settled;
    expect(told).toContain('queued');
  });

  it('is only acked when it was published before it came again', async () => {
    const batch = { ...sampleBatch('7', ['a']), upstreamId: 'known' };
    const { settle, told, state } = subject(batch);
    const key = batchKey(batch);
    if (!key) throw new Error('it has a name');
    await state.ledger.enter({ ...key, events: 1, whereabouts: '', publishedAt: new Date() });
    await settle();
    expect(told).toEqual(['ack']);
  });
});

describe('a part of a batch', () => {
  it('sets its records aside as those of the whole batch would be', async () => {
    const { context, state } = createSampleFeed();
    const whole = sampleBatch('7', ['1', '2', '!bad']);
    await settle(whole, context, turn, signal);
    const part = { ...sampleBatch('7', ['2', '!bad']), offset: 1 };
    await settle(part, context, turn, signal);
    expect(state.letters.map(({ index }) => index)).toEqual(state.letters.map(() => 2));
    expect(new Set(state.letters.map(({ id }) => id)).size).toBe(1);
  });

  it('parks its events as those of the whole batch would be', () => {
    const { context } = createSampleFeed();
    const whole = sampleBatch('7', ['1', '2']);
    const part = { ...sampleBatch('7', ['2']), offset: 1 };
    const ids = (batch: Batch) => {
      const { events } = normaliseBatch(batch, context.normalise);
      return context.destinations.flatMap((destination) => parkedIds(batch, 's', [{ destination, events }]));
    };
    expect(ids(part)).toEqual(ids(whole).slice(1));
  });
});

describe('what the spool recognises a record by', () => {
  const { normalise, source } = createSampleFeed().context;
  const identities = (batch: Batch, ids?: 'event' | 'state') =>
    spoolEntries(batch, { normalise, source, ids }).map(({ identity }) => identity);

  it('is the id of its event', () => {
    expect(identities(sampleBatch('7', ['a']))).toMatchObject([{ id: 'a', kind: 'event' }]);
  });

  it('is the state of its key where ids name states and batches have no name, else its own place too', () => {
    const { upstreamId: _name, ...unnamed } = sampleBatch('7', ['a']);
    expect(identities(unnamed, 'state')).toMatchObject([{ id: 'a', kind: 'state' }]);
    expect(identities({ ...unnamed, upstreamId: '7', offset: 2 }, 'state')).toMatchObject([
      { id: '7/2 a', kind: 'event' },
    ]);
  });
});
