import { describe, expect, it } from 'vitest';
import { type ReleasingFeed, releaseKey } from '../../../src/pipeline/release-key.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { unparkEmptied } from '../../../src/pipeline/unpark-emptied.ts';
import { failed, refusing } from '../../support/fake-sink.ts';
import { withParking } from '../../support/parking-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };

/** A feed that has parked two keys, with two events each; `1` and `3` are refused whenever they come. */
async function parkedFeed() {
  const feed = withParking(
    createSampleFeed(refusing({ 1: failed('EVENT_TOO_LARGE'), 3: failed('EVENT_TOO_LARGE') })),
    'park-key',
  );
  const give = (id: string, ...bodies: readonly string[]) =>
    settle(sampleBatch(id, bodies), feed.context, atOnce, signal);
  await give('7', '1@a', '2@a', '3@b', '4@b');
  const discard = async (...events: readonly number[]) => {
    const ids = events.map((event) => feed.state.letters[event - 1]?.id ?? '');
    await feed.context.deadLetters.close(ids, { status: 'discarded', reason: 'r', at: new Date() });
  };
  return { ...feed, give, discard };
}

describe('a parked key', () => {
  it('is let go when all that is parked there was discarded, and no other is', async () => {
    const feed = await parkedFeed();
    await feed.discard(1, 2, 3);
    await unparkEmptied(feed.context, signal);
    expect(feed.context.parking.places.map(({ key }) => key)).toEqual(['b']);
    await feed.give('8', '5@a', '6@b');
    expect(feed.sink.confirmed).toEqual(['5']);
    expect(feed.recorder.of('parking.changed').at(-1)).toMatchObject({ keys: 1, records: 2 });
  });

  it('stays parked while what came meanwhile is not seen in the store', async () => {
    const feed = await parkedFeed();
    await feed.discard(1, 2);
    const { deadLetters } = feed.context;
    let more: Promise<void> | undefined;
    const context: ReleasingFeed = {
      ...feed.context,
      deadLetters: {
        ...deadLetters,
        async parked(...asked) {
          const letters = await deadLetters.parked(...asked);
          more ??= feed.give('8', '5@a');
          await new Promise(setImmediate);
          return letters;
        },
      },
    };
    await unparkEmptied(context, signal);
    await more;
    await feed.give('9', '6@a');
    expect(feed.sink.confirmed).toEqual([]);
    expect(await releaseKey(feed.context, 'a', { reason: 'r', withinMs: 60_000, signal })).toMatchObject({
      released: 2,
    });
    expect(feed.sink.confirmed).toEqual(['5', '6']);
  });
});

describe('a key that is parked for a destination with other settings than now', () => {
  async function changedFeed() {
    const feed = createSampleFeed();
    const [one] = feed.context.destinations;
    if (one === undefined) throw new Error('no destination');
    const destinations = [
      { ...one, name: 'kafka' },
      { ...one, name: 'log', identity: 'second' },
    ];
    const before = await parkedFeed();
    await feed.context.deadLetters.add(before.state.letters.map((letter) => ({ ...letter, destination: 'as it was' })));
    const parked = await feed.context.deadLetters.parkedKeys();
    return withParking({ ...feed, context: { ...feed.context, destinations } }, 'park-key', parked);
  }
  const release = { reason: 'r', withinMs: 60_000, signal };

  it('is not released unasked, and the error says the ways out', async () => {
    const feed = await changedFeed();
    await expect(releaseKey(feed.context, 'a', release)).rejects.toMatchObject({
      code: 'DESTINATION_MISSING',
      message: expect.stringContaining('it has: "kafka", "log"'),
      hint: expect.stringMatching(/--to .* discard/),
    });
    expect(feed.sink.confirmed).toEqual([]);
  });

  it('is released in order to the one that is named', async () => {
    const feed = await changedFeed();
    expect(await releaseKey(feed.context, 'a', { ...release, to: 'log' })).toEqual({
      outcome: 'released',
      released: 2,
    });
    expect(feed.sink.confirmed).toEqual(['1', '2']);
    expect(feed.context.parking.places.map(({ key }) => key)).toEqual(['b']);
  });

  it('is not released to one that is not there', async () => {
    const feed = await changedFeed();
    const releasing = releaseKey(feed.context, 'a', { ...release, to: 'rabbit' });
    await expect(releasing).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('"kafka", "log"'),
    });
  });
});
