import { describe, expect, it } from 'vitest';
import type { Archive, RawBatch } from '../../../src/core/archive.ts';
import type { Normalise } from '../../../src/core/normalise.ts';
import { settle, type Turn } from '../../../src/pipeline/settle.ts';
import { planBatch } from '../../../src/rehearse/plan.ts';
import { sampleBatch, sampleEvent, sampleRecord } from '../../support/sample-events.ts';
import { createSampleFeed } from '../../support/sample-feed.ts';

const { signal } = new AbortController();
const atOnce: Turn = { queued: () => {}, mayAck: Promise.resolve() };

/** Ids that depend on the place in the batch. */
const byPlace: Normalise = (_record, { batchId, index }) => [
  { kind: 'event', envelope: sampleEvent(`${batchId}-${index}`) },
];

describe('a part of a batch', () => {
  it('is kept with its place in the whole, and makes the same ids again', async () => {
    const kept: RawBatch[] = [];
    const archive: Pick<Archive, 'receipts' | 'raw'> = {
      receipts: {
        published: () => {},
        completed: () => {},
        trace: async () => [],
        range: async () => ({ items: [] }),
        tally: async () => [],
      },
      raw: { keep: (raw) => void kept.push(raw), range: async () => ({ items: [] }) },
    };
    const { context, sink } = createSampleFeed();
    const feed = { ...context, archive, normalise: byPlace };
    for (const [offset, bodies] of [
      [0, ['a', 'b']],
      [2, ['c']],
    ] as const) {
      await settle({ ...sampleBatch('7', bodies), offset }, feed, atOnce, signal);
    }
    expect(kept.map(({ batchId, offset }) => [batchId, offset])).toEqual([
      ['7', undefined],
      ['7', 2],
    ]);
    const rehearsed = {
      feed: context.feed,
      normalise: byPlace,
      destinations: [
        {
          name: undefined,
          brokerName: 'out',
          route: (envelope: Parameters<typeof sink.route>[0]) => sink.route(envelope, context.feed),
        },
      ],
    };
    const plans = await Promise.all(kept.map((raw) => planBatch(rehearsed, raw, signal)));
    expect(plans.flatMap(({ events }) => events.map(({ id }) => id))).toEqual(sink.confirmed);
    expect(sink.confirmed).toEqual(['7-0', '7-1', '7-2']);
    expect(sampleRecord('c').bytes).toEqual(kept[1]?.records[0]?.bytes);
  });
});
