import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deadLetterId } from '../../../src/core/dead-letter.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';
import { createDeadLetterCopies } from '../../../src/pipeline/dead-letter-copies.ts';
import { createFanOut } from '../../../src/pipeline/fan-out.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { settle } from '../../../src/pipeline/settle.ts';
import { createFakeSink } from '../../support/fake-sink.ts';
import { createMemoryState } from '../../support/memory-state.ts';
import { createModelBroker, type Verdict } from '../../support/model-broker.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const source = '/sample/feed';
const soon = { baseMs: 1, capMs: 1, jitter: 'full' } as const;

const verdict: fc.Arbitrary<Verdict> = fc.record({
  written: fc.nat(4),
  confirmed: fc.nat(4),
  otherwise: fc.constantFrom('failed', 'unknown', 'poison', 'poison', 'fatal'),
  turns: fc.nat(2),
});
const verdicts = fc.array(verdict, { maxLength: 8 });

const plan = fc.record({
  /** What each record is: `poison` cannot become an event. */
  batches: fc.array(fc.array(fc.constantFrom('x', 'y', 'poison'), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** Of one destination, or two. */
  to: fc.array(verdicts, { minLength: 1, maxLength: 2 }),
  copies: verdicts,
  /** How many batches are taken before the first of them is acked. */
  atOnce: fc.integer({ min: 1, max: 3 }),
  /** After so many turns the process is killed; one number for each life. */
  kills: fc.array(fc.nat(15), { maxLength: 3 }),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

async function play({ batches, to, copies: planned, atOnce, kills }: Plan) {
  const state = createMemoryState();
  const brokers = to.map(createModelBroker);
  const copyBroker = createModelBroker(planned);
  const bodies = batches.map((kinds, batch) =>
    kinds.map((kind, at) => (kind === 'poison' ? `!${batch}.${at}` : `${batch}.${at}@${kind}`)),
  );
  const idOf = (batch: number, index: number) =>
    deadLetterId(source, String(batch), index, Buffer.from(bodies[batch]?.[index] ?? ''));
  /** Every spelling of a copy that was sent, by its id. */
  const spelt = new Map<string, Set<string>>();
  /** How much each destination had when the first copy of a batch was sent. */
  const begun = new Map<number, readonly number[]>();
  const complaints: string[] = [];

  function isSafe(batch: number, index: number): boolean {
    const id = idOf(batch, index);
    if (copyBroker.log.includes(id) || copyBroker.poisoned.has(id)) return true;
    const isEvent = !bodies[batch]?.[index]?.startsWith('!');
    return isEvent && brokers.every(({ log }) => log.includes(`${batch}.${index}`));
  }

  let acked = 0;
  for (let life = 0; acked < batches.length && life < 60; life++) {
    const feed = createSampleFeed();
    const { report } = feed.recorder;
    const destinations = brokers.map(({ answer }, at) => {
      const publisher = createLanesPublisher(createFakeSink({ answer }), report, soon);
      return { name: brokers.length > 1 ? `d${at}` : undefined, identity: `d${at}`, publisher };
    });
    const copySink = createFakeSink({
      answer(call) {
        for (const { envelope } of call.items) {
          const { id } = envelope.attributes;
          const text = encodeStructured(envelope).toString();
          spelt.set(id, (spelt.get(id) ?? new Set()).add(text));
          const batch = Number(JSON.parse(text).data.batchid);
          if (!begun.has(batch))
            begun.set(
              batch,
              brokers.map(({ log }) => log.length),
            );
        }
        return copyBroker.answer(call);
      },
    });
    const copyPublisher = createLanesPublisher(copySink, report, soon);
    const { ledger, deadLetters } = state;
    const copies = createDeadLetterCopies(copyPublisher, report);
    const fanOut = createFanOut({ graceMs: 0 });
    const context = { ...feed.context, destinations, fanOut, ledger, deadLetters, copies };
    const kill = new AbortController();
    let predecessor = Promise.resolve();
    const settling: Promise<void>[] = [];
    for (let at = acked; at < Math.min(acked + atOnce, batches.length); at++) {
      const { promise: queued, resolve } = Promise.withResolvers<void>();
      const batch = sampleBatch(String(at), bodies[at] ?? [], async () => {
        bodies[at]?.forEach((_, index) => {
          if (!isSafe(at, index)) complaints.push(`${at} is acked, and ${index} is nowhere`);
        });
      });
      const settled = settle(batch, context, { queued: resolve, mayAck: predecessor }, kill.signal);
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
    for (const { publisher } of destinations) await publisher[Symbol.asyncDispose]();
    await copyPublisher[Symbol.asyncDispose]();
  }
  return { acked, brokers, copyBroker, bodies, idOf, spelt, begun, complaints };
}

it('every record is delivered or copied before the ack, copies are equal, and no event is published for their sake', async () => {
  await fc.assert(
    fc.asyncProperty(plan, async (planned) => {
      const { acked, brokers, copyBroker, bodies, idOf, spelt, begun, complaints } = await play(planned);
      expect(acked).toBe(planned.batches.length);
      expect(complaints).toEqual([]);
      for (const spellings of spelt.values()) expect([...spellings]).toHaveLength(1);
      for (const [batch, logged] of begun) {
        const later = brokers.flatMap(({ log }, at) => log.slice(logged[at]));
        expect(later.filter((id) => id.startsWith(`${batch}.`))).toEqual([]);
      }
      const order = [...new Set(copyBroker.log)];
      bodies.forEach((records, batch) => {
        const ids = records.map((_, index) => idOf(batch, index)).filter((id) => order.includes(id));
        expect(order.filter((id) => ids.includes(id))).toEqual(ids);
      });
    }),
    { numRuns: 300 },
  );
}, 60_000);
