import { describe, expect, it } from 'vitest';
import { type ReleasingFeed, releaseKey } from '../../../src/pipeline/release-key.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { type Answer, confirm, failed, refusing } from '../../support/fake-sink.ts';
import { withParking } from '../../support/parking-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const tooLarge = failed('EVENT_TOO_LARGE');
const options = { reason: 'mended', withinMs: 60_000, signal };

/** A feed that has parked `bodies`, the first of which was refused; from then on `answer` is what the broker says. */
async function parkedAt(bodies: readonly string[], answer: Answer = ({ items }) => items.map(() => confirm)) {
  let mended = false;
  const [first = ''] = bodies;
  const refused = refusing({ [first.split('@')[0] ?? '']: tooLarge });
  const feed = withParking(
    createSampleFeed((call) => (mended ? answer(call) : refused(call))),
    'park-key',
  );
  await settle(sampleBatch('7', bodies), feed.context, atOnce, signal);
  mended = true;
  const context: ReleasingFeed = feed.context;
  return {
    ...feed,
    context,
    settle: (id: string, more: readonly string[]) => settle(sampleBatch(id, more), feed.context, atOnce, signal),
  };
}

describe('releasing a key', () => {
  it('publishes what is parked, in order, closes it, and lets the key go', async () => {
    const feed = await parkedAt(['1@a', '2@a', '3@a']);
    expect(await releaseKey(feed.context, 'a', options)).toEqual({ outcome: 'released', released: 3 });
    expect(feed.sink.confirmed).toEqual(['1', '2', '3']);
    expect(feed.state.letters).toMatchObject([1, 2, 3].map(() => ({ status: 'redriven', closedReason: 'mended' })));
    await feed.settle('8', ['4@a']);
    expect(feed.sink.confirmed).toEqual(['1', '2', '3', '4']);
    expect(feed.recorder.of('parking.changed').at(-1)).toMatchObject({ keys: 0, records: 0 });
  });

  it('lets nothing of the key overtake: what comes meanwhile waits behind', async () => {
    let more: Promise<void> | undefined;
    const feed = await parkedAt(['1@a', '2@a'], ({ items, ids }) => {
      if (ids.includes('2')) more ??= feed.settle('8', ['3@a', '4@b']);
      if (ids.includes('3')) void feed.settle('9', ['5@a']);
      return items.map(() => confirm);
    });
    expect(await releaseKey(feed.context, 'a', options)).toMatchObject({ outcome: 'released' });
    await more;
    await feed.settle('10', ['6@a']);
    expect(feed.sink.confirmed.filter((id) => id !== '4')).toEqual(['1', '2', '3', '5', '6']);
  });

  it('does not let the key go while something is parked that it has not seen', async () => {
    const feed = await parkedAt(['1@a']);
    const { deadLetters } = feed.context;
    let more: Promise<void> | undefined;
    const context: ReleasingFeed = {
      ...feed.context,
      deadLetters: {
        ...deadLetters,
        async parked(...asked) {
          const letters = await deadLetters.parked(...asked);
          if (letters.length === 0) more ??= feed.settle('8', ['2@a']);
          await new Promise(setImmediate);
          return letters;
        },
      },
    };
    expect(await releaseKey(context, 'a', options)).toEqual({ outcome: 'released', released: 2 });
    await more;
    await feed.settle('9', ['3@a']);
    expect(feed.sink.confirmed).toEqual(['1', '2', '3']);
  });

  it('stops at one that is refused again, and says so; the key stays parked', async () => {
    const feed = await parkedAt(['1@a', '2@a', '3@a'], refusing({ 2: tooLarge }));
    const refused = { id: feed.state.letters[1]?.id, error: { code: 'EVENT_TOO_LARGE' } };
    expect(await releaseKey(feed.context, 'a', options)).toMatchObject({ outcome: 'refused', released: 1, refused });
    await feed.settle('8', ['4@a']);
    expect(feed.sink.confirmed).toEqual(['1']);
    expect(feed.state.letters.map(({ status }) => status)).toEqual(['redriven', 'parked', 'parked', 'parked']);
    expect(feed.state.letters[1]).toMatchObject({ code: 'EVENT_TOO_LARGE', stage: 'publish' });
  });

  it('goes on where it was, and doubles at most the one that was on its way', async () => {
    const feed = await parkedAt(['1@a', '2@a', '3@a']);
    feed.state.fail('deadLetters.close', 'STATE_DAMAGED', 1);
    await expect(releaseKey(feed.context, 'a', options)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    expect(await releaseKey(feed.context, 'a', options)).toMatchObject({ outcome: 'released', released: 3 });
    expect(feed.sink.confirmed).toEqual(['1', '1', '2', '3']);
  });

  it('may be called again when the destination was refused for good', async () => {
    let mended = false;
    const feed = await parkedAt(['1@a'], ({ items }) =>
      items.map(() => (mended ? confirm : failed('DESTINATION_MISSING'))),
    );
    await expect(releaseKey(feed.context, 'a', options)).rejects.toMatchObject({ code: 'DESTINATION_MISSING' });
    mended = true;
    expect(await releaseKey(feed.context, 'a', options)).toEqual({ outcome: 'released', released: 1 });
  });

  it('writes a receipt of each event', async () => {
    const feed = await parkedAt(['1@a', '2@a']);
    const published: unknown[] = [];
    const receipts = {
      published: (batch: unknown) => published.push(batch),
      completed: () => {},
      trace: async () => [],
      range: async () => ({ items: [], next: undefined }),
      tally: async () => [],
    };
    const archive = { receipts, raw: { keep: () => {}, range: async () => ({ items: [], next: undefined }) } };
    await releaseKey({ ...feed.context, archive }, 'a', options);
    expect(published).toMatchObject(
      ['1', '2'].map((id) => ({ feed: 'sample/feed', batchId: '7', events: [{ id, destination: 'topic' }] })),
    );
  });

  it('goes through the present configuration', async () => {
    const feed = await parkedAt(['1@a', '2@a']);
    const context: ReleasingFeed = {
      ...feed.context,
      normalise: (record, at) =>
        Buffer.from(record.bytes).toString() === '1@a'
          ? [{ kind: 'filtered', step: 'new' }]
          : feed.context.normalise(record, at),
    };
    expect(await releaseKey(context, 'a', options)).toEqual({ outcome: 'released', released: 2 });
    expect(feed.sink.confirmed).toEqual(['2']);
  });

  it('begins no other event once its time is up, and says that there is more', async () => {
    const feed = await parkedAt(['1@a', '2@a']);
    expect(await releaseKey(feed.context, 'a', { ...options, withinMs: 0 })).toEqual({ outcome: 'more', released: 0 });
    expect(feed.sink.confirmed).toEqual([]);
    expect(feed.context.parking.places).toEqual([{ destination: 'sample', key: 'a' }]);
  });

  it('publishes to an only destination whatever has been changed about it since, the oldest first', async () => {
    const before = await parkedAt(['1@a', '2@a']);
    const feed = createSampleFeed();
    const [only] = feed.context.destinations;
    if (!only) throw new Error('no destination');
    const { deadLetters } = before.context;
    const context = { ...feed.context, deadLetters, destinations: [{ ...only, identity: 'changed' }] };
    const after = withParking({ ...feed, context }, 'park-key', await deadLetters.parkedKeys());
    await settle(sampleBatch('8', ['3@a']), after.context, atOnce, signal);
    expect(await releaseKey(after.context, 'a', options)).toEqual({ outcome: 'released', released: 3 });
    expect(feed.sink.confirmed).toEqual(['1', '2', '3']);
  });

  it('knows no key that is not parked', async () => {
    const feed = await parkedAt(['1@a']);
    await expect(releaseKey(feed.context, 'b', options)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
