import { expect } from 'vitest';
import type { Routed } from '../../../src/core/sink.ts';
import { event, events, expectedOrder, firstOccurrences, idsOf, publish, readBack, settle } from './events.ts';
import type { SinkPromise } from './promises.ts';

/** Calls as full as `maxCall` allows. */
function fill(items: readonly Routed[], maxCall: { readonly events: number; readonly bytes: number }): Routed[][] {
  const calls: Routed[][] = [[]];
  let bytes = 0;
  for (const item of items) {
    let call = calls.at(-1) ?? [];
    if (call.length > 0 && (call.length >= maxCall.events || bytes + item.bytes > maxCall.bytes)) {
      call = [];
      calls.push(call);
      bytes = 0;
    }
    call.push(item);
    bytes += item.bytes;
  }
  return calls;
}

const awkwardJson = [
  '{"n":9007199254740993,"x":1.0,"e":1e400,"b":{"z":1,"a":2},"a":1,"a":2,"__proto__":{"q":1}}',
  '{ "spaced" : [ 1 , 2 ],  "escaped": "\\u00e4\\n\\r\\u2028", "raw": "ä \u2028 😀", "quote": "\\",\\"data\\":" }',
  '"text"',
  'null',
  '[]',
  '-0',
];

/** What holds when nothing goes wrong. */
export const deliveryPromises: readonly SinkPromise[] = [
  {
    name: 'confirms only what a reader can read',
    needs: [],
    async run(fixture) {
      for (const items of [events(fixture, 1), events(fixture, 50, 5)]) {
        const deliveries = await publish(fixture.sink, items);
        const stored = new Set((await readBack(fixture, items)).map(({ id }) => id));
        const confirmed = idsOf(items).filter((_, index) => deliveries[index]?.status === 'confirmed');
        expect(confirmed.filter((id) => !stored.has(id))).toEqual([]);
        await settle(fixture.sink, items);
        expect(new Set((await readBack(fixture, items)).map(({ id }) => id))).toEqual(new Set(idsOf(items)));
      }
    },
  },
  {
    name: 'keeps order within a lane',
    needs: ['ordered'],
    async run(fixture) {
      const items = events(fixture, 200, 5);
      for (let at = 0; at < items.length; at += 20) await settle(fixture.sink, items.slice(at, at + 20));
      expect(firstOccurrences(await readBack(fixture, items))).toEqual(expectedOrder(items));
    },
  },
  {
    name: 'gives one delivery for each item, at the same index',
    needs: [],
    async run(fixture) {
      const items = events(fixture, 40, 7);
      const deliveries = await settle(fixture.sink, items);
      expect(deliveries.map(({ status }) => status)).toEqual(items.map(() => 'confirmed'));
      for (const { id, receipt } of await readBack(fixture, items)) {
        if (receipt !== undefined) expect(deliveries[idsOf(items).indexOf(id)]).toMatchObject({ receipt });
      }
    },
  },
  {
    name: 'gives no delivery for an empty call',
    needs: [],
    async run({ sink }) {
      expect(await publish(sink, [])).toEqual([]);
    },
  },
  {
    name: 'stores each event once in a clean run',
    needs: [],
    async run(fixture) {
      const items = events(fixture, 100, 10);
      const deliveries = await publish(fixture.sink, items);
      expect(deliveries.filter(({ status }) => status !== 'confirmed')).toEqual([]);
      expect((await readBack(fixture, items)).map(({ id }) => id).sort()).toEqual([...idsOf(items)].sort());
    },
  },
  {
    name: 'data arrives byte for byte, with its partition key',
    needs: [],
    async run(fixture) {
      const { sink, feeds } = fixture;
      const items = [
        ...awkwardJson.map((text) => event(sink, feeds[0], 'key', { kind: 'json', bytes: Buffer.from(text) })),
        event(sink, feeds[0], 'clé ✓', {
          kind: 'binary',
          bytes: Uint8Array.from({ length: 256 }, (_, byte) => byte),
        }),
      ];
      await settle(sink, items);
      const stored = new Map((await readBack(fixture, items)).map((found) => [found.id, found]));
      for (const { envelope } of items) {
        const found = stored.get(envelope.attributes.id);
        expect(found?.partitionkey).toBe(envelope.attributes.partitionkey);
        expect(Buffer.from(found?.data ?? []).toString('hex')).toBe(Buffer.from(envelope.data.bytes).toString('hex'));
      }
    },
  },
  {
    name: 'bytes are equal on a repeat',
    needs: [],
    async run(fixture) {
      const items = events(fixture, 10, 2);
      await settle(fixture.sink, items);
      // Routed anew, as after a restart; brokers that recognise a repeat keep the first one only.
      await settle(
        fixture.sink,
        items.map(({ envelope }, index) =>
          fixture.sink.route(envelope, fixture.feeds[(index % 2) % fixture.feeds.length] ?? fixture.feeds[0]),
        ),
      );
      const forms = new Map<string, Set<string>>();
      for (const { id, bytes } of await readBack(fixture, items)) {
        forms.set(id, (forms.get(id) ?? new Set()).add(Buffer.from(bytes).toString('hex')));
      }
      expect([...forms.values()].map((variants) => variants.size)).toEqual(items.map(() => 1));
    },
  },
  {
    name: 'a state that is reached again is there again',
    needs: [],
    async run(fixture) {
      const { sink, feeds } = fixture;
      const { envelope } = event(sink, feeds[0], 'key');
      const items = ['batch-1/0', 'batch-1/1', 'batch-2/0'].map((place) => sink.route(envelope, feeds[0], place));
      for (const item of items) await settle(sink, [item]);
      expect((await readBack(fixture, items)).length).toBeGreaterThanOrEqual(items.length);
    },
  },
  {
    name: 'routes the same event to the same address and lane',
    needs: [],
    async run({ sink, feeds }) {
      const { envelope, ...first } = event(sink, feeds[0], 'key');
      const { envelope: _, ...second } = sink.route(envelope, feeds[0]);
      expect(second).toEqual(first);
      const again = () => sink.route(envelope, feeds[0], 'batch-1/0');
      expect(again()).toEqual(again());
      expect(again().lane).toBe(first.lane);
    },
  },
  {
    name: 'calls with different lanes may be open at the same time, as many as maxOpenCalls',
    needs: [],
    async run(fixture) {
      const { sink } = fixture;
      const byLane = Map.groupBy(events(fixture, 320, 32), ({ lane }) => lane);
      const calls = [...byLane.values()].slice(0, sink.maxOpenCalls);
      await Promise.all(calls.map((items) => settle(sink, items)));
      const items = calls.flat();
      expect((await readBack(fixture, items)).map(({ id }) => id).sort()).toEqual([...idsOf(items)].sort());
    },
  },
  {
    name: '10,000 events go through in calls as full as maxCall allows',
    needs: [],
    async run(fixture) {
      const items = events(fixture, 10_000, 3);
      const calls = fill(items, fixture.sink.maxCall);
      for (const call of calls) await settle(fixture.sink, call);
      const stored = firstOccurrences(await readBack(fixture, items));
      expect(new Set([...stored.values()].flat()).size).toBe(items.length);
      if (fixture.ordered === true) expect(stored).toEqual(expectedOrder(items));
    },
  },
  {
    name: 'confirms nothing once it is closed',
    needs: [],
    async run(fixture) {
      const items = events(fixture, 3);
      await fixture.sink[Symbol.asyncDispose]();
      const deliveries = await publish(fixture.sink, items);
      expect(deliveries.map(({ status }) => status)).not.toContain('confirmed');
    },
  },
];
