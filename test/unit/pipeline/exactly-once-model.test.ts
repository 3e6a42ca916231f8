import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exactlyOnce } from '../../../src/pipeline/exactly-once.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { createTransactionalBroker, type Fate } from '../../support/fake-transactions.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };
const quick = { baseMs: 0, capMs: 0, jitter: 'full' } as const;
const batches = Array.from({ length: 6 }, (_, at) => ({ id: `b${at}`, records: [`${at}-1`, `${at}-2`] }));

/** What one of two bridges does next; `fates` are those of the transactions in it. */
interface Act {
  readonly who: 0 | 1;
  /** `go`: opens, then asks upstream, then settles what it was given, one of them each time. */
  readonly what: 'go' | 'restart';
  readonly fates: readonly Fate[];
  /** Whether upstream hears its ack. */
  readonly heard: boolean;
}

const fate = fc.constantFrom<Fate>('commit', 'lost', 'dropped', 'BROKER_UNAVAILABLE', 'BROKER_NOT_AUTHORISED');
const act: fc.Arbitrary<Act> = fc.record({
  who: fc.constantFrom(0, 1),
  what: fc.oneof(
    { weight: 6, arbitrary: fc.constant('go' as const) },
    { weight: 1, arbitrary: fc.constant('restart' as const) },
  ),
  fates: fc.array(fate, { maxLength: 3 }),
  heard: fc.boolean(),
});

/** An upstream that hands out its open batch until that is completed. */
function createUpstream() {
  let done = 0;
  return {
    open: () => batches[done],
    complete(id: string) {
      if (batches[done]?.id === id) done += 1;
    },
  };
}

function createWorld() {
  const broker = createTransactionalBroker();
  const upstream = createUpstream();

  function createBridge() {
    const { context } = createSampleFeed();
    const carrier = exactlyOnce({ ...context, sink: broker.open(), backoff: quick });
    let isOpen = false;
    let hand: (typeof batches)[number] | undefined;
    return {
      async go(heard: boolean) {
        if (!isOpen) {
          isOpen = await carrier.open(signal).then(
            () => true,
            () => false,
          );
        } else if (hand === undefined) {
          hand = upstream.open();
        } else {
          const { id, records } = hand;
          hand = undefined;
          const ack = async () => {
            if (heard) upstream.complete(id);
          };
          isOpen = await settle(sampleBatch(id, records, ack), { ...context, carrier }, atOnce, signal).then(
            () => true,
            () => false,
          );
        }
      },
    };
  }

  const bridges = [createBridge(), createBridge()];
  return {
    broker,
    upstream,
    async play({ who, what, fates, heard }: Act) {
      const left = [...fates];
      broker.fate = () => left.shift() ?? 'commit';
      if (what === 'restart') bridges[who] = createBridge();
      else await bridges[who]?.go(heard);
    },
  };
}

test('two bridges that die, freeze, lose answers and shut each other out publish each event once, in order', {
  timeout: 60_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const world = createWorld();
      for (const one of acts) await world.play(one);
      await world.play({ who: 0, what: 'restart', fates: [], heard: true });
      for (let step = 0; world.upstream.open() && step < 60; step++) {
        await world.play({ who: 0, what: 'go', fates: [], heard: true });
      }
      expect(world.broker.committed).toEqual(batches.flatMap(({ records }) => records));
    }),
    { numRuns: 500 },
  );
});
