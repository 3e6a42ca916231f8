import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { expect } from 'vitest';
import type { FeedName } from '../../../src/core/batch.ts';
import { createEnvelope, type EventData } from '../../../src/core/envelope.ts';
import type { Delivery, Routed, Sink } from '../../../src/core/sink.ts';
import type { SinkFixture, StoredEvent } from './harness.ts';

export const noAbort = new AbortController().signal;

/** One event, routed. Ids are new in each run: brokers that are used again keep old events. */
export function event(
  sink: Sink,
  feed: FeedName,
  partitionkey: string,
  data: EventData = { kind: 'json', bytes: Buffer.from(`{"n":"${randomUUID()}"}`) },
): Routed {
  return sink.route(
    createEnvelope(
      {
        specversion: '1.0',
        id: randomUUID(),
        source: '/conformance',
        type: 'com.example.conformance.happened',
        subject: 'a subject – with ünïcode',
        datacontenttype: data.kind === 'json' ? 'application/json' : 'application/octet-stream',
        partitionkey,
      },
      data,
    ),
    feed,
  );
}

/** `count` events over `keys` partition keys in turn, each key always with the same feed. */
export function events({ sink, feeds }: SinkFixture, count: number, keys = 1): readonly Routed[] {
  const run = randomUUID();
  return Array.from({ length: count }, (_, index) => {
    const key = index % keys;
    return event(sink, feeds[key % feeds.length] ?? feeds[0], `${run}-${key}`);
  });
}

export function idsOf(items: readonly Routed[]): readonly string[] {
  return items.map(({ envelope }) => envelope.attributes.id);
}

export function isPoison(delivery: Delivery): boolean {
  return delivery.status === 'failed' && delivery.error.disposition === 'poison';
}

/** Publishes once, and holds the sink to what goes for every call. */
export async function publish(
  sink: Sink,
  items: readonly Routed[],
  signal: AbortSignal = noAbort,
): Promise<readonly Delivery[]> {
  const deliveries = await sink.publish(items, signal);
  expect(deliveries, 'one delivery for each item').toHaveLength(items.length);
  const open = new Set<string>();
  items.forEach(({ lane }, index) => {
    const delivery = deliveries[index];
    if (delivery === undefined) throw new Error(`item ${index} has no delivery`);
    if (delivery.status !== 'confirmed') {
      if (!isPoison(delivery)) open.add(lane);
    } else if (open.has(lane)) {
      throw new Error(`item ${index} of lane ${lane} is confirmed, though an earlier one is not`);
    }
  });
  return deliveries;
}

const attemptsMs = 60_000;
const backOffMs = 20;

/** Publishes as the pipeline does: what is neither confirmed nor poison is sent again. Gives the last word on each. */
export async function settle(sink: Sink, items: readonly Routed[]): Promise<readonly Delivery[]> {
  const final: Delivery[] = [];
  let open = items.map((_, index) => index);
  for (const giveUpAt = Date.now() + attemptsMs; open.length > 0; ) {
    const deliveries = await publish(
      sink,
      open.flatMap((index) => items[index] ?? []),
    );
    open = open.filter((index, position) => {
      const delivery = deliveries[position];
      if (delivery === undefined) return true;
      final[index] = delivery;
      return delivery.status !== 'confirmed' && !isPoison(delivery);
    });
    if (open.length === 0) break;
    const last = deliveries.find((delivery) => delivery.status !== 'confirmed' && !isPoison(delivery));
    if (last !== undefined && 'error' in last && last.error.disposition === 'fatal') throw last.error;
    if (Date.now() > giveUpAt) {
      throw new Error(`${open.length} events are still open: ${last && 'error' in last ? last.error.message : ''}`);
    }
    await setTimeout(backOffMs);
  }
  return final;
}

/** Ids in the order of their first occurrence, for each partition key. */
export function firstOccurrences(stored: readonly StoredEvent[]): Map<string, readonly string[]> {
  const byKey = new Map<string, Set<string>>();
  for (const { id, partitionkey } of stored) {
    const ids = byKey.get(partitionkey) ?? new Set();
    byKey.set(partitionkey, ids.add(id));
  }
  return new Map([...byKey].map(([key, ids]) => [key, [...ids]]));
}

/** What a reader has to find of the items, in the form of `firstOccurrences`. */
export function expectedOrder(items: readonly Routed[]): Map<string, readonly string[]> {
  return firstOccurrences(
    items.map(({ envelope: { attributes, data } }) => ({
      id: attributes.id,
      partitionkey: attributes.partitionkey,
      bytes: data.bytes,
      data: data.bytes,
    })),
  );
}

/** The stored events that are among the items: a broker that is used again keeps older ones. */
export async function readBack(fixture: SinkFixture, items: readonly Routed[]): Promise<readonly StoredEvent[]> {
  const ids = new Set(idsOf(items));
  return (await fixture.read()).filter(({ id }) => ids.has(id));
}

/** All of the items are stored; those of a partition key in order, where the broker keeps order at all. */
export async function expectStored(fixture: SinkFixture, items: readonly Routed[]): Promise<void> {
  const stored = firstOccurrences(await readBack(fixture, items));
  if (fixture.ordered === true) return expect(stored).toEqual(expectedOrder(items));
  const anyOrder = (found: Map<string, readonly string[]>) =>
    new Map([...found].map(([key, ids]) => [key, ids.toSorted()]));
  expect(anyOrder(stored)).toEqual(anyOrder(expectedOrder(items)));
}
