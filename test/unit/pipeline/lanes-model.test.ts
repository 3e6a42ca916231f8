import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import type { Settlement } from '../../../src/pipeline/publisher.ts';
import { createFakeSink } from '../../support/fake-sink.ts';
import { createModelBroker, type Verdict } from '../../support/model-broker.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const lanes = ['a', 'b', 'c'] as const;
const runs = ['x', 'y'] as const;

const verdict: fc.Arbitrary<Verdict> = fc.record({
  written: fc.nat(4),
  confirmed: fc.nat(4),
  otherwise: fc.constantFrom('failed', 'failed', 'unknown', 'unknown', 'poison', 'fatal'),
  turns: fc.nat(2),
});

/** A publish of a run, after so many turns of the event loop; or the end of that run. */
const step = fc.record({
  run: fc.constantFrom(...runs),
  lanes: fc.array(fc.constantFrom(...lanes), { maxLength: 6 }),
  turns: fc.nat(2),
  abort: fc.constantFrom(false, false, false, false, false, true),
  /** Whether it has a deadline; and whether those of all before it pass first. */
  hurried: fc.boolean(),
  late: fc.constantFrom(false, false, true),
});

const plan = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  verdicts: fc.array(verdict, { maxLength: 20 }),
  maxOpenCalls: fc.integer({ min: 1, max: 3 }),
  spareCalls: fc.nat(1),
  most: fc.integer({ min: 1, max: 6 }),
  perLane: fc.constantFrom(1, 2, 6),
});

interface Accepted {
  readonly id: string;
  readonly lane: string;
  readonly run: string;
  /** Undefined when its publish was rejected. */
  settlement: Settlement | undefined;
  /** Of its publish. */
  readonly deadline: number | undefined;
}

/** Deadlines that pass when a test wants it. */
function deadlinesAtWill() {
  const open = new Map<number, () => void>();
  const passed = new Set<number>();
  return {
    passed,
    at(time: number, callback: () => void) {
      open.set(time, callback);
      return () => void open.delete(time);
    },
    pass() {
      for (const [time, callback] of [...open]) {
        passed.add(time);
        callback();
      }
    },
  };
}

async function turnsPass(turns: number) {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
}

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

async function play({ steps, verdicts, maxOpenCalls, spareCalls, most, perLane }: Plan) {
  const broker = createModelBroker(verdicts);
  const sink = createFakeSink({
    answer: broker.answer,
    maxOpenCalls,
    spareCalls,
    perLane,
    destination: (lane) => lane,
    maxCall: { events: most },
  });
  const deadlines = deadlinesAtWill();
  const publisher = createLanesPublisher(sink, () => {}, { baseMs: 1, capMs: 2, jitter: 'full' }, deadlines);
  const ends = new Map<string, AbortController>();
  const accepted: Accepted[] = [];
  const publishing: Promise<void>[] = [];
  for (const { run, lanes, turns, abort, hurried, late } of steps) {
    await turnsPass(turns);
    if (late) deadlines.pass();
    const end = ends.get(run) ?? new AbortController();
    ends.set(run, end);
    const deadline = hurried ? Number.MAX_SAFE_INTEGER - accepted.length : undefined;
    const taken = lanes.map(
      (lane, n): Accepted => ({ id: `${accepted.length + n}`, lane, run, settlement: undefined, deadline }),
    );
    accepted.push(...taken);
    const envelopes = taken.map(({ id, lane }) => sampleEvent(id, lane));
    const settle = (settled: readonly Settlement[]) => {
      expect(settled).toHaveLength(taken.length);
      taken.forEach((event, at) => {
        event.settlement = settled[at];
      });
    };
    const published = publisher.publish(envelopes, 'sample/feed', end.signal, undefined, undefined, deadline);
    publishing.push(published.then(settle, () => {}));
    if (abort) end.abort();
  }
  await Promise.all(publishing);
  await publisher[Symbol.asyncDispose]();
  /** Its publish failed after its deadline had passed, whatever it failed with. */
  const tooLate = ({ settlement, deadline }: Accepted) =>
    settlement === undefined && deadline !== undefined && deadlines.passed.has(deadline);
  return { accepted, broker, sink, tooLate };
}

it('keeps loss, order and doubles as promised, whatever the broker answers and whoever gives up', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (planned) => {
      const { accepted, broker, sink, tooLate } = await play(planned);
      const { log, unknownWrites } = broker;
      expect(sink.breaches).toEqual([]);

      for (const { id, settlement } of accepted) {
        const occurrences = log.filter((other) => other === id).length;
        if (settlement?.status === 'confirmed') expect(occurrences).toBeGreaterThanOrEqual(1);
        if (settlement?.status === 'poison') expect(occurrences).toBeLessThanOrEqual(unknownWrites(id));
        // Once confirmed, or once for each time that nobody knew whether it was written.
        expect(occurrences).toBeLessThanOrEqual(1 + unknownWrites(id));
      }
      for (const lane of lanes) {
        const order = accepted.filter((event) => event.lane === lane).map(({ id }) => id);
        const first = [...new Set(log)].filter((id) => order.includes(id));
        expect(first).toEqual(order.filter((id) => first.includes(id)));

        for (const run of runs) {
          const ofRun = accepted.filter((event) => event.lane === lane && event.run === run);
          const lasting = ofRun.filter((event) => !broker.poisoned.has(event.id) && !tooLate(event));
          const kept = lasting.map(({ id }) => log.includes(id));
          // Nothing of a run gets past an event of it that was not written, but for what was too late.
          expect(kept).toEqual([...kept].sort((one, other) => Number(other) - Number(one)));
        }
      }
    }),
    { numRuns: 400 },
  );
}, 60_000);
