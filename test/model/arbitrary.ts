import fc from 'fast-check';
import type { Choice } from './choices.ts';
import type { FeedPlan, History } from './history.ts';

/** `a` and `b` are lanes of all feeds. */
const lane = fc.constantFrom('a', 'b');
const sort = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom('!', '-', 'unroutable') },
);
const batch = fc.array(fc.tuple(sort, lane), { maxLength: 4 });

const feed = fc.record({
  arrival: fc.constantFrom<FeedPlan['arrival'][]>('told', 'told', 'told', 'cursor', 'in-order', 'independent'),
  batches: fc.array(batch, { minLength: 1, maxLength: 4 }),
  asks: fc.constantFrom(false, false, false, true),
  sameId: fc.boolean(),
  bytes: fc.constantFrom(100, 30 * 1024 ** 2),
});

/** With ids and lanes that tell where a record belongs: `2.0.1@a`. */
function named(feeds: readonly (typeof feed extends fc.Arbitrary<infer T> ? T : never)[]): readonly FeedPlan[] {
  return feeds.map((plan, feed) => ({
    ...plan,
    // Where many batches are open at once, each has a name of its own.
    sameId: plan.sameId && plan.arrival === 'told',
    batches: plan.batches.map((records, n) =>
      records.map(([sort, lane], index) => `${sort}${feed}.${n}.${index}@${lane}`).join(' '),
    ),
  }));
}

export function histories(state: History['state']): fc.Arbitrary<History> {
  return fc.record({
    feeds: fc.array(feed, { minLength: 1, maxLength: 3 }).map(named),
    sink: fc.record(
      {
        maxOpenCalls: fc.integer({ min: 1, max: 3 }),
        events: fc.integer({ min: 1, max: 6 }),
        spareCalls: fc.integer({ min: 1, max: 2 }),
        perLane: fc.integer({ min: 1, max: 2 }),
      },
      { requiredKeys: ['maxOpenCalls', 'events'] },
    ),
    destinations: fc.constantFrom(1, 1, 2),
    state: fc.constant(state),
    onPoison: fc.constantFrom('dead-letter', 'park-key'),
  });
}

const pick = fc.nat(11);
const choice: fc.Arbitrary<Choice> = fc.oneof(
  {
    weight: 24,
    arbitrary: fc.record({
      kind: fc.constant('answer' as const),
      pick,
      fate: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(839) }),
      at: fc.nat(3),
      wrote: fc.nat(3),
      alone: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('time' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), acted: fc.nat(2 ** 30 - 1) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('land', 'resume', 'pause'), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('release' as const), pick, lane }) },
);

export const choices = fc.array(choice, { maxLength: 80, size: 'max' });
