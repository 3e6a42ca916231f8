import { expect } from 'vitest';
import type { BridgeError } from '../../../src/core/errors.ts';
import type { FencedWriter, Outcome, TransactionalSink } from '../../../src/core/fenced-writer.ts';
import type { TransactionsFixture } from './harness.ts';

/** One thing that a sink with transactions has to keep. */
export interface TransactionsPromise {
  readonly name: string;
  run(fixture: TransactionsFixture): Promise<void>;
}

const never = new AbortController().signal;

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

const routed = (
  { event, feed }: TransactionsFixture,
  sink: TransactionalSink,
  ids: readonly number[],
  bytes?: number,
) => ids.map((id) => sink.route(event(id, bytes), feed));

async function committedIds(fixture: TransactionsFixture): Promise<readonly number[]> {
  return (await fixture.committed())
    .flat()
    .map(Number)
    .sort((a, b) => a - b);
}

async function inOrder(fixture: TransactionsFixture): Promise<boolean> {
  const partitions = await fixture.committed();
  return partitions.every((ids) => ids.every((id, at) => at === 0 || Number(id) > Number(ids[at - 1])));
}

function codeOf(outcome: Outcome): string {
  return outcome.status === 'committed' ? outcome.status : `${outcome.status} ${outcome.error.code}`;
}

/** As the pipeline does after an outage. */
async function openPatiently(fixture: TransactionsFixture, sink: TransactionalSink): Promise<FencedWriter> {
  const ends = performance.now() + 30_000;
  for (;;) {
    try {
      return await sink.openWriter(fixture.feed, never);
    } catch (error) {
      if ((error as BridgeError).disposition !== 'retryable' || performance.now() > ends) throw error;
    }
  }
}

export const transactionsPromises: readonly TransactionsPromise[] = [
  {
    name: 'has no mark at first, and gives the last one to whoever opens the next writer',
    async run(fixture) {
      const first = await fixture.open();
      {
        await using writer = await first.openWriter(fixture.feed, never);
        expect(writer.mark).toBeUndefined();
        expect(await writer.publish(routed(fixture, first, [0, 1, 2]), 'one', never)).toMatchObject({
          status: 'committed',
          receipts: [expect.anything(), expect.anything(), expect.anything()],
        });
        expect(await writer.publish(routed(fixture, first, [3]), 'two', never)).toMatchObject({ status: 'committed' });
        expect(writer.mark).toBe('two');
      }
      const second = await fixture.open();
      await using writer = await second.openWriter(fixture.feed, never);
      expect(writer.mark).toBe('two');
      expect(await committedIds(fixture)).toEqual([0, 1, 2, 3]);
    },
  },
  {
    name: 'writes the mark alone when there are no events',
    async run(fixture) {
      const sink = await fixture.open();
      {
        await using writer = await sink.openWriter(fixture.feed, never);
        expect(await writer.publish([], 'nothing', never)).toEqual({ status: 'committed', receipts: [] });
      }
      await using writer = await sink.openWriter(fixture.feed, never);
      expect(writer.mark).toBe('nothing');
    },
  },
  {
    name: 'keeps the marks of feeds apart',
    async run(fixture) {
      const sink = await fixture.open();
      await using writer = await sink.openWriter(fixture.feed, never);
      await writer.publish([], 'mine', never);
      await using other = await sink.openWriter(`${fixture.feed}2`, never);
      expect(other.mark).toBeUndefined();
      await other.publish([], 'other', never);
      expect(codeOf(await writer.publish([], 'mine again', never))).toBe('committed');
      await using again = await (await fixture.open()).openWriter(fixture.feed, never);
      expect(again.mark).toBe('mine again');
    },
  },
  {
    name: 'commits a batch larger than any one request as a whole, in order',
    async run(fixture) {
      const sink = await fixture.open();
      await using writer = await sink.openWriter(fixture.feed, never);
      const ids = numbers(0, 2_500);
      expect(codeOf(await writer.publish(routed(fixture, sink, ids, 1_000), 'large', never))).toBe('committed');
      expect(await committedIds(fixture)).toEqual(ids);
      expect(await inOrder(fixture)).toBe(true);
    },
  },
  {
    name: 'finds the one event that is too large among many, commits nothing, and goes on without it',
    async run(fixture) {
      const sink = await fixture.open();
      await using writer = await sink.openWriter(fixture.feed, never);
      const good = routed(fixture, sink, numbers(0, 9));
      const bad = routed(fixture, sink, [99], fixture.oversize);
      const items = [...good.slice(0, 5), ...bad, ...good.slice(5)];
      const refused = await writer.publish(items, 'with it', never);
      expect(refused).toMatchObject({ status: 'refused', index: 5, error: { disposition: 'poison' } });
      expect(await committedIds(fixture)).toEqual([]);
      expect(writer.mark).toBeUndefined();
      expect(codeOf(await writer.publish(good, 'without it', never))).toBe('committed');
      expect(await committedIds(fixture)).toEqual(numbers(0, 9));
      expect(await inOrder(fixture)).toBe(true);
    },
  },
  {
    name: 'shuts out the writer before it, which then commits nothing',
    async run(fixture) {
      const old = await fixture.open();
      await using zombie = await old.openWriter(fixture.feed, never);
      await zombie.publish(routed(fixture, old, [0]), 'old', never);
      const young = await fixture.open();
      await using writer = await young.openWriter(fixture.feed, never);
      expect(writer.mark).toBe('old');
      expect(codeOf(await zombie.publish(routed(fixture, old, [1]), 'zombie', never))).toBe('failed PRODUCER_FENCED');
      expect(codeOf(await zombie.publish(routed(fixture, old, [1]), 'zombie', never))).toBe('failed NOT_SENT');
      expect(codeOf(await writer.publish(routed(fixture, young, [2]), 'young', never))).toBe('committed');
      expect(await committedIds(fixture)).toEqual([0, 2]);
    },
  },
  {
    name: 'tells the one that was shut out, before that one shuts out the other in its turn',
    async run(fixture) {
      const old = await fixture.open();
      const zombie = await old.openWriter(fixture.feed, never);
      const young = await fixture.open();
      await using writer = await young.openWriter(fixture.feed, never);
      expect(codeOf(await zombie.publish([], 'zombie', never))).toBe('failed PRODUCER_FENCED');
      await zombie[Symbol.asyncDispose]();
      await expect(old.openWriter(fixture.feed, never)).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
      expect(codeOf(await writer.publish([], 'young', never))).toBe('committed');
      await using again = await old.openWriter(fixture.feed, never);
      expect(again.mark).toBe('young');
      expect(codeOf(await writer.publish([], 'too late', never))).toBe('failed PRODUCER_FENCED');
    },
  },
  {
    name: 'ends what another process has left open, so that consumers go on at once',
    async run(fixture) {
      const old = await fixture.open();
      const dying = await old.openWriter(fixture.feed, never);
      await dying.publish(routed(fixture, old, [0]), 'zero', never);
      await fixture.outage.begin();
      const lost = dying.publish(routed(fixture, old, [1]), 'one', never);
      const started = performance.now();
      expect(codeOf(await lost)).toMatch(/^(failed|unknown) BROKER_(TIMEOUT|UNREACHABLE)$/);
      expect(performance.now() - started).toBeLessThan(fixture.deadlineMs + 1_000);
      fixture.outage.end();
      const young = await fixture.open();
      await using writer = await openPatiently(fixture, young);
      const { mark } = writer;
      expect(['zero', 'one']).toContain(mark);
      expect(await committedIds(fixture)).toEqual(mark === 'one' ? [0, 1] : [0]);
    },
  },
  {
    name: 'is opened again by the same process after an outage, and tells by its mark what was committed',
    async run(fixture) {
      const sink = await fixture.open();
      let writer = await sink.openWriter(fixture.feed, never);
      await writer.publish(routed(fixture, sink, [0]), 'zero', never);
      await fixture.outage.begin();
      const outcome = await writer.publish(routed(fixture, sink, [1]), 'one', never);
      fixture.outage.end();
      expect(outcome.status).not.toBe('committed');
      await writer[Symbol.asyncDispose]();
      writer = await openPatiently(fixture, sink);
      if (writer.mark !== 'one') {
        expect(writer.mark).toBe('zero');
        expect(codeOf(await writer.publish(routed(fixture, sink, [1]), 'one', never))).toBe('committed');
      }
      expect(codeOf(await writer.publish(routed(fixture, sink, [2]), 'two', never))).toBe('committed');
      expect(await committedIds(fixture)).toEqual([0, 1, 2]);
      await writer[Symbol.asyncDispose]();
    },
  },
  {
    name: 'takes transactions back to back without resting between them',
    async run(fixture) {
      const sink = await fixture.open();
      await using writer = await sink.openWriter(fixture.feed, never);
      const count = 50;
      const started = performance.now();
      for (const id of numbers(0, count)) {
        expect(codeOf(await writer.publish(routed(fixture, sink, [id]), `mark ${id}`, never))).toBe('committed');
      }
      // A client's usual pause after the answer that the last one is still being written out is a second.
      expect((performance.now() - started) / count).toBeLessThan(300);
      expect(await committedIds(fixture)).toEqual(numbers(0, count));
    },
  },
];
