import { describe, expect, it } from 'vitest';
import type { DeadLetter } from '../../../src/core/dead-letter.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import type { Normalise } from '../../../src/core/normalise.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { createOutlet } from '../../../src/pipeline/outlet.ts';
import { onePerRecord } from '../../../src/pipeline/refused.ts';
import { type FeedContext, settle, type Turn } from '../../../src/pipeline/settle.ts';
import { sampleLetter } from '../../conformance/state/samples.ts';
import { type Answer, confirm, createFakeSink, failed, refusing } from '../../support/fake-sink.ts';
import { sampleBatch, sampleNormalise, sampleRecord } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const tooLarge = failed('EVENT_TOO_LARGE');

/** One event for each part of a record between spaces. */
const several: Normalise = (record, context) =>
  Buffer.from(record.bytes)
    .toString()
    .split(' ')
    .flatMap((body) => sampleNormalise(sampleRecord(body), context));

const confirmAll: Answer = ({ items }) => items.map(() => confirm);

/** Settles one batch; gives its letters, and what is published when they are redriven, with the broker mended. */
async function refusedThenRedriven(feed: ReturnType<typeof createSampleFeed>, changes: Partial<FeedContext>) {
  const context: FeedContext = { ...feed.context, normalise: several, ...changes };
  return {
    async settle(...bodies: readonly string[]) {
      await settle(sampleBatch('7', bodies), context, atOnce, signal);
      return onePerRecord(feed.state.letters);
    },
    async redrive({ record, index, others, destination }: DeadLetter, normalise: Normalise = several) {
      const sinks = new Map(
        context.destinations.map(({ identity }) => [identity, createFakeSink({ answer: confirmAll })]),
      );
      const destinations = context.destinations.map((one) => ({
        ...one,
        publisher: createLanesPublisher(sinks.get(one.identity) ?? createFakeSink({ answer: confirmAll }), () => {}),
      }));
      const outlet = createOutlet({ ...context, normalise, destinations });
      const again = { batchId: '7', records: [{ record, index, without: others }] };
      const only = destination === undefined || destinations.length === 1 ? undefined : [destination];
      await outlet.republish(again, { destinations: only, signal });
      return Object.fromEntries([...sinks].map(([identity, sink]) => [identity, sink.confirmed]));
    },
  };
}

describe('of a record that has become several events, a redrive publishes', () => {
  it('the refused one alone', async () => {
    const feed = createSampleFeed(refusing({ '2': tooLarge }));
    const { settle: run, redrive } = await refusedThenRedriven(feed, {});
    const [letter, ...more] = await run('1 2 3', '4');
    expect(more).toEqual([]);
    if (letter === undefined) throw new Error('nothing was set aside');
    expect(letter).toMatchObject({ index: 0, others: ['1', '3'] });
    expect(await redrive(letter)).toEqual({ sample: ['2'] });
  });

  it('all that were refused', async () => {
    const feed = createSampleFeed(refusing({ '1': tooLarge, '3': tooLarge }));
    const { settle: run, redrive } = await refusedThenRedriven(feed, {});
    const [letter, ...more] = await run('1 2 3');
    expect(more).toEqual([]);
    if (letter === undefined) throw new Error('nothing was set aside');
    expect(letter.others).toEqual(['2']);
    expect(await redrive(letter)).toEqual({ sample: ['1', '3'] });
  });

  it('what can be read of it now, without what was readable before', async () => {
    const { settle: run, redrive } = await refusedThenRedriven(createSampleFeed(), {});
    const [letter] = await run('1 !x 3');
    if (letter === undefined) throw new Error('nothing was set aside');
    expect(letter).toMatchObject({ stage: 'normalise', others: ['1', '3'] });
    const mended: Normalise = (record, context) =>
      several(sampleRecord(Buffer.from(record.bytes).toString().replace('!', '')), context);
    expect(await redrive(letter, mended)).toEqual({ sample: ['x'] });
  });

  it('all of it where the present configuration gives other ids', async () => {
    const feed = createSampleFeed(refusing({ '2': tooLarge }));
    const { settle: run, redrive } = await refusedThenRedriven(feed, {});
    const [letter] = await run('1 2');
    if (letter === undefined) throw new Error('nothing was set aside');
    const renamed: Normalise = (record, context) =>
      several(sampleRecord(Buffer.from(record.bytes).toString().replaceAll(/\d/g, 'n$&')), context);
    expect(await redrive(letter, renamed)).toEqual({ sample: ['n1', 'n2'] });
  });

  it('all of it where its events have one id', async () => {
    let calls = 0;
    const feed = createSampleFeed(({ items }) =>
      items.map((_, at) => (calls++ === 0 && at === 1 ? tooLarge : confirm)),
    );
    const { settle: run, redrive } = await refusedThenRedriven(feed, {});
    for (const letter of await run('1@a 1@b')) expect((await redrive(letter))['sample']).toEqual(['1', '1']);
  });
});

describe('an event that the condition of one destination fails on', () => {
  function twoDestinations() {
    const feed = createSampleFeed();
    const [first] = feed.context.destinations;
    if (first === undefined) throw new Error('no destination');
    const second = createFakeSink({ answer: confirmAll });
    const wants = async ({ attributes }: { readonly attributes: { readonly id: string } }) => {
      if (attributes.id.startsWith('bad')) throw new BridgeError('CONDITION_FAILED', 'no such field');
      return true;
    };
    const destinations = [
      { ...first, name: 'one' },
      { name: 'two', identity: 'second', publisher: createLanesPublisher(second, () => {}), wants },
    ];
    return { feed, changes: { destinations } };
  }

  it('is a dead letter for that one, with its event and key, and is redriven there alone', async () => {
    const { feed, changes } = twoDestinations();
    const { settle: run, redrive } = await refusedThenRedriven(feed, changes);
    const [letter, ...more] = await run('bad@k', '2');
    expect(more).toEqual([]);
    if (letter === undefined) throw new Error('nothing was set aside');
    expect(letter).toMatchObject({ stage: 'step', destination: 'second', partitionKey: 'k' });
    expect(JSON.parse(Buffer.from(letter.envelope ?? []).toString())).toMatchObject({ id: 'bad' });
    expect(feed.sink.confirmed).toEqual(['bad', '2']);
    const mended = changes.destinations.map(({ wants: _, ...rest }) => rest);
    const again = await refusedThenRedriven(feed, { destinations: mended });
    expect(await again.redrive(letter)).toEqual({ sample: [], second: ['bad'] });
    expect(await redrive(letter)).toEqual({ sample: [], second: [] });
  });
});

describe('letters of one record', () => {
  const letter = (changes: Partial<DeadLetter>) => sampleLetter({ id: 'one', ...changes });

  it('become one that lacks what either lacks', () => {
    const [both] = onePerRecord([
      letter({ reason: 'a', destination: 'x', others: ['1', '2'] }),
      letter({ reason: 'b', destination: 'y', others: ['2', '3'] }),
    ]);
    expect(both).toMatchObject({ reason: 'a; b', others: ['2'] });
    expect(both).not.toHaveProperty('destination');
  });

  it('stay the first, as it is, where the second says nothing new', () => {
    const first = letter({ reason: 'a', destination: 'x', others: ['1'] });
    expect(onePerRecord([first, letter({ reason: 'a', destination: 'x', others: ['1'] })])[0]).toBe(first);
  });
});
