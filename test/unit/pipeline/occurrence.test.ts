import { describe, expect, it } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { drainSource } from '../../../src/pipeline/drain-source.ts';
import { publishing } from '../../../src/pipeline/handling.ts';
import { createInFlight } from '../../../src/pipeline/in-flight.ts';
import { type Answer, confirmAll, failed, inTurn } from '../../support/fake-sink.ts';
import { sampleBatch } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';
import { givingRegardless, scriptedSource } from '../../support/scripted-source.ts';

const never = new AbortController().signal;
const down: Answer = ({ items }) => items.map(() => failed());

/** Drains the batches, and gives `id: occurrence` of all that the sink was called with. */
async function published(
  batches: readonly Batch[],
  { ids, answer = confirmAll }: { readonly ids?: 'event' | 'state'; readonly answer?: Answer },
): Promise<readonly string[]> {
  const { context, sink } = createSampleFeed(answer);
  const source = scriptedSource('in-order', () => givingRegardless(batches));
  const inFlight = createInFlight({ batches: 10, bytes: 10_000 });
  await drainSource(source, publishing({ ...context, ids }), inFlight, { stop: never, abort: never }).catch(() => {});
  const items = sink.calls.flatMap((call) => call.items);
  return items.map(({ envelope, address }) => `${envelope.attributes.id}: ${address['occurrence'] ?? 'none'}`);
}

function cursorBatch(position: string | undefined, bodies: readonly string[]): Batch {
  return { ...sampleBatch(undefined, bodies), ...(position !== undefined && { position }) };
}

describe('an event whose id names a state', () => {
  it('is told from the same state in another batch, and in another record, by where it was', async () => {
    const batches = [sampleBatch('7', ['done', '-skipped', 'done']), sampleBatch('8', ['done'])];
    expect(await published(batches, { ids: 'state' })).toEqual(['done: 7/0', 'done: 7/2', 'done: 8/0']);
  });

  it('is the same occurrence when it is sent again', async () => {
    const answer = inTurn(down, confirmAll);
    const twice = await published([sampleBatch('7', ['done'])], { ids: 'state', answer });
    expect(twice).toEqual(['done: 7/0', 'done: 7/0']);
  });

  it('is the same occurrence when its batch is given again', async () => {
    const batches = [cursorBatch('c7', ['done']), cursorBatch('c7', ['done'])];
    expect(await published(batches, { ids: 'state' })).toEqual(['done: c7/0', 'done: c7/0']);
  });

  it('is taken for another occurrence where upstream has no name for its batches', async () => {
    const occurrences = await published([cursorBatch(undefined, ['done']), cursorBatch(undefined, ['done'])], {
      ids: 'state',
    });
    expect(new Set(occurrences).size).toBe(2);
  });
});

it.each([{}, { ids: 'event' }] as const)('an event whose id names an event goes by its id alone: %j', async (feed) => {
  expect(await published([sampleBatch('7', ['1', '2'])], feed)).toEqual(['1: none', '2: none']);
});
