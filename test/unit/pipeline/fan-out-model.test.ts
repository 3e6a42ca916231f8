import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LedgerPart } from '../../../src/core/state.ts';
import { settle } from '../../../src/pipeline/settle.ts';
import { createFanOutFeed } from '../../support/fan-out-feed.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { createModelBroker, type Verdict } from '../../support/model-broker.ts';
import { sampleBatch } from '../../support/sample-events.ts';

const names = ['a', 'b'] as const;
const lanes = ['x', 'y'] as const;

const verdict: fc.Arbitrary<Verdict> = fc.record({
  written: fc.nat(4),
  confirmed: fc.nat(4),
  otherwise: fc.constantFrom('failed', 'failed', 'unknown', 'unknown', 'poison', 'fatal', 'fatal'),
  turns: fc.nat(2),
});

const plan = fc.record({
  /** The lanes of each batch's events. */
  batches: fc.array(fc.array(fc.constantFrom(...lanes), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 5,
  }),
  verdicts: fc.record({ a: fc.array(verdict, { maxLength: 10 }), b: fc.array(verdict, { maxLength: 10 }) }),
  /** How many batches are taken before the first of them is acked. */
  atOnce: fc.integer({ min: 1, max: 3 }),
  /** After so many turns the process is killed; one number for each life. */
  kills: fc.array(fc.nat(12), { maxLength: 3 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

interface Done extends LedgerPart {
  /** How much the broker's log held when the destination was done with the batch. */
  readonly logged: number;
}

async function play({ batches, verdicts, atOnce, kills }: Plan) {
  const state = createMemoryState();
  const brokers = { a: createModelBroker(verdicts.a), b: createModelBroker(verdicts.b) };
  const done: Done[] = [];
  const bodies = batches.map((ofBatch, batch) => ofBatch.map((lane, at) => `${batch}.${at}@${lane}`));
  let acked = 0;
  for (let life = 0; acked < batches.length && life < 60; life++) {
    const feed = createFanOutFeed({ a: { answer: brokers.a.answer }, b: { answer: brokers.b.answer } }, { state });
    const ledger = {
      ...state.ledger,
      async enterPart(part: LedgerPart) {
        await state.ledger.enterPart(part);
        const broker = part.destination === 'a' ? brokers.a : brokers.b;
        done.push({ ...part, logged: broker.log.length });
      },
    };
    const kill = new AbortController();
    let predecessor = Promise.resolve();
    const settling: Promise<void>[] = [];
    for (let at = acked; at < Math.min(acked + atOnce, batches.length); at++) {
      const { promise: queued, resolve } = Promise.withResolvers<void>();
      const batch = sampleBatch(String(at), bodies[at] ?? []);
      const mayAck = predecessor;
      const settled = settle(batch, { ...feed.context, ledger }, { queued: resolve, mayAck }, kill.signal);
      predecessor = settled;
      settling.push(settled);
      await Promise.race([queued, settled.catch(() => {})]);
    }
    const turns = kills[life];
    if (turns !== undefined) {
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
      kill.abort();
    }
    const ended = await Promise.allSettled(settling);
    const failedAt = ended.findIndex(({ status }) => status === 'rejected');
    acked += failedAt < 0 ? ended.length : failedAt;
    for (const { publisher } of feed.context.destinations) await publisher[Symbol.asyncDispose]();
  }
  return { acked, brokers, done, letters: state.letters, bodies };
}

it('each destination gets all in order, and nothing again once it is done, whatever the other one does', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (planned) => {
      const { acked, brokers, done, letters, bodies } = await play(planned);
      expect(acked).toBe(planned.batches.length);
      for (const name of names) {
        const { log, poisoned } = brokers[name];
        for (const lane of lanes) {
          const sent = bodies.flat().flatMap((body) => (body.endsWith(lane) ? [body.split('@')[0] ?? ''] : []));
          const stored = [...new Set(log)].filter((id) => sent.includes(id));
          expect(stored.filter((id) => !poisoned.has(id))).toEqual(sent.filter((id) => !poisoned.has(id)));
        }
        for (const { batchId, logged } of done.filter(({ destination }) => destination === name)) {
          expect(log.slice(logged).filter((id) => id.startsWith(`${batchId}.`))).toEqual([]);
        }
        for (const id of poisoned) {
          const [batchId, index] = id.split('.');
          const letter = letters.find((one) => one.batchId === batchId && one.index === Number(index));
          expect(letter?.reason).toContain('destination ');
        }
      }
    }),
    { numRuns: 300 },
  );
}, 60_000);
