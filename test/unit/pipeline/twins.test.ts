import { describe, expect, it } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import type { Envelope } from '../../../src/core/envelope.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { createFanOut } from '../../../src/pipeline/fan-out.ts';
import { type FeedContext, settle, type Turn } from '../../../src/pipeline/settle.ts';
import { createTwinMemory, holdingBack } from '../../../src/pipeline/twins.ts';
import { confirmAll, failed, inTurn, refusing } from '../../support/fake-sink.ts';
import { createFanOutFeed, type FakeDestination } from '../../support/fan-out-feed.ts';
import { sampleBatch } from '../../support/sample-events.ts';

const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const drain = () => new AbortController().signal;

type PlaceOf = (envelope: Envelope, feed: FeedName) => string | undefined;

/** Two feeds that bring the same events to the same destinations. */
function twins(to: Readonly<Record<string, FakeDestination>>, placeOf: PlaceOf = () => 'topic') {
  const feed = createFanOutFeed(to);
  const destinations = feed.context.destinations.map((destination) => ({ ...destination, placeOf }));
  const fanOut = holdingBack(createFanOut({ graceMs: 0 }), createTwinMemory());
  const contextOf = (name: FeedName): FeedContext => ({ ...feed.context, feed: name, destinations, fanOut });
  const carry = (name: FeedName, upstreamId: string, bodies: readonly string[]) => {
    const batch = { ...sampleBatch(upstreamId, bodies), feed: name };
    return settle(batch, contextOf(name), atOnce, drain()).then(() => batch.calls);
  };
  return { ...feed, carry };
}

describe('of feeds that bring the same events', () => {
  it('what one has confirmed the other holds back, and acks', async () => {
    const { carry, confirmed, recorder } = twins({ a: {} });
    await carry('sample/posted', '7', ['1', '2']);
    expect(await carry('sample/polled', '8', ['2', '3', '1'])).toEqual(['ack 8']);
    expect(confirmed('a')).toEqual(['1', '2', '3']);
    expect(recorder.of('batch.confirmed')[1]).toMatchObject({
      events: 3,
      whereabouts: expect.stringContaining('2 there before, by another way'),
    });
  });

  it('what one has not had confirmed the other publishes', async () => {
    const down = () => [failed('DESTINATION_MISSING'), failed('DESTINATION_MISSING')];
    const { carry, confirmed } = twins({ a: { answer: inTurn(down, confirmAll) } });
    await expect(carry('sample/posted', '7', ['1', '2'])).rejects.toThrow(BridgeError);
    await carry('sample/polled', '8', ['1', '2']);
    expect(confirmed('a')).toEqual(['1', '2']);
  });

  it('what was refused for good is set aside by each of them', async () => {
    const { carry, confirmed, state } = twins({ a: { answer: refusing({ 1: failed('EVENT_TOO_LARGE') }) } });
    await carry('sample/posted', '7', ['1', '2']);
    await carry('sample/polled', '8', ['1', '2']);
    expect(confirmed('a')).toEqual(['2']);
    expect(await state.deadLetters.list({ limit: 10 })).toHaveLength(2);
  });

  it('each destination is judged by itself', async () => {
    const { carry, confirmed } = twins({
      a: {},
      b: { wants: async ({ attributes }) => attributes.id !== '1' || again },
    });
    let again = false;
    await carry('sample/posted', '7', ['1', '2']);
    again = true;
    await carry('sample/polled', '8', ['1', '2']);
    expect([confirmed('a'), confirmed('b')]).toEqual([
      ['1', '2'],
      ['2', '1'],
    ]);
  });

  it('each place is: a topic for each feed has all events of it', async () => {
    const { carry, confirmed } = twins({ a: {} }, (_envelope, feed) => feed);
    await carry('sample/posted', '7', ['1', '2']);
    await carry('sample/polled', '8', ['1', '2']);
    expect(confirmed('a')).toEqual(['1', '2', '1', '2']);
  });

  it('what has no place to go to is not held back', async () => {
    const { carry, confirmed } = twins({ a: {} }, () => undefined);
    await carry('sample/posted', '7', ['1']);
    await carry('sample/polled', '8', ['1']);
    expect(confirmed('a')).toEqual(['1', '1']);
  });
});

it('remembers so many, the newest', () => {
  const memory = createTwinMemory(3);
  for (const key of ['1', '2', '3', '1', '4']) memory.add(key);
  expect(['1', '2', '3', '4'].map(memory.has)).toEqual([true, false, true, true]);
});
