import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Fault } from '../../support/fake-upstream.ts';
import { createModelBroker, type Verdict } from '../../support/model-broker.ts';
import { createPolledFeed } from '../../support/polled-feed.ts';

const hour = 3_600_000;

const verdict: fc.Arbitrary<Verdict> = fc.record({
  written: fc.nat(3),
  confirmed: fc.nat(3),
  otherwise: fc.constantFrom('failed', 'unknown', 'unknown', 'poison', 'fatal'),
  turns: fc.nat(2),
});

const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.record({ kind: fc.constant('status'), status: fc.constantFrom(500, 404, 401, 429) }),
  fc.record({ kind: fc.constant('done-but'), status: fc.constantFrom(500, 404) }),
  fc.record({ kind: fc.constant('lost'), done: fc.boolean(), afterMs: fc.constantFrom(0, 30_000) }),
  fc.constant<Fault>({ kind: 'garbage' }),
  fc.constant<Fault>({ kind: 'lie' }),
);

/** What an operator or the orchestrator does, after so many seconds. */
const act = fc.record({ after: fc.nat(120), act: fc.constantFrom('resume', 'pause', 'cut') });

const plan = fc.record({
  batches: fc.array(fc.array(fc.constantFrom('a', 'b'), { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  verdicts: fc.array(verdict, { maxLength: 12 }),
  faults: fc.array(fault, { maxLength: 20 }),
  acts: fc.array(act, { maxLength: 4 }),
});

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('loses nothing, completes nothing early and keeps order, whatever upstream, broker and operator do', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ batches, verdicts, faults, acts }) => {
      vi.clearAllTimers();
      const broker = createModelBroker(verdicts);
      const polled = createPolledFeed({
        answer: broker.answer,
        schedule: { kind: 'every', everyMs: 300_000, jitter: 0 },
      });
      const { upstream, runner, state, sink, recorder } = polled;
      const eventsOf = new Map<string, readonly string[]>();
      batches.forEach((lanes, n) => {
        const records = lanes.map((lane, at) => `${n}.${at}@${lane}`);
        eventsOf.set(
          `${n}`,
          lanes.map((_, at) => `${n}.${at}`),
        );
        upstream.offer(`${n}`, ...records);
      });
      const early: string[] = [];
      upstream.misbehave = (call) => {
        const about = upstream.requests.at(-1)?.about ?? '';
        if (call === 'complete') {
          const safe = new Set([...sink.confirmed, ...broker.poisoned]);
          early.push(...(eventsOf.get(about) ?? []).filter((id) => !safe.has(id)));
        }
        return faults.shift();
      };

      runner.resume();
      for (const { after, act } of acts) {
        await vi.advanceTimersByTimeAsync(after * 1_000);
        if (act === 'resume') {
          runner.resume();
          continue;
        }
        const stopped = runner.stop(act === 'cut' ? 0 : 25_000);
        await vi.advanceTimersByTimeAsync(25_001);
        await stopped;
        runner.resume();
      }
      await vi.advanceTimersByTimeAsync(6 * hour);

      expect(early).toEqual([]);
      expect(sink.breaches).toEqual([]);
      expect(upstream.completed).toEqual([...eventsOf.keys()]);
      const all = [...eventsOf.values()].flat();
      const deadLettered = new Set(state.letters.map(({ batchId, index }) => `${batchId}.${index}`));
      expect(all.filter((id) => !broker.log.includes(id) && !deadLettered.has(id))).toEqual([]);
      for (const lane of ['a', 'b']) {
        const order = all.filter((id) => batches[Number(id.split('.')[0])]?.[Number(id.split('.')[1])] === lane);
        const first = [...new Set(broker.log)].filter((id) => order.includes(id));
        expect(first).toEqual(order.filter((id) => first.includes(id)));
      }
      const fatal = recorder.of('batch.returned').length;
      for (const id of all) {
        const written = broker.log.filter((other) => other === id).length;
        // A batch that was given back had perhaps been published in part.
        expect(written).toBeLessThanOrEqual(1 + broker.unknownWrites(id) + fatal);
      }
      await runner.stop(1);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: 200 },
  );
}, 60_000);
