import { expect } from 'vitest';
import type { Delivery, Routed } from '../../../src/core/sink.ts';
import {
  event,
  events,
  expectedOrder,
  expectStored,
  firstOccurrences,
  idsOf,
  publish,
  readBack,
  settle,
} from './events.ts';
import { isUnsupported, type SinkFixture } from './harness.ts';
import type { SinkPromise } from './promises.ts';

/** `confirmed` is in the broker, `failed` is not and never will be; `unknown` says nothing. */
async function expectTruth(fixture: SinkFixture, items: readonly Routed[], deliveries: readonly Delivery[]) {
  // One that follows pushes out whatever may still be on its way.
  await settle(fixture.sink, events(fixture, 2, 2));
  const stored = new Set((await readBack(fixture, items)).map(({ id }) => id));
  const withStatus = (status: Delivery['status']) =>
    idsOf(items).filter((_, index) => deliveries[index]?.status === status);
  const lost = withStatus('confirmed').filter((id) => !stored.has(id));
  expect(lost, 'confirmed, but not there').toEqual([]);
  const denied = withStatus('failed').filter((id) => stored.has(id));
  expect(denied, 'failed, but there').toEqual([]);
}

/** Grace for a machine that is busy. */
const slackMs = 3_000;

/** What holds when something goes wrong. */
export const faultPromises: readonly SinkPromise[] = [
  {
    name: 'an event over the limit is poison and its neighbours are confirmed',
    needs: ['oversize'],
    async run(fixture) {
      if (isUnsupported(fixture.oversize)) return;
      const { sink, feeds } = fixture;
      const [before, after] = [events(fixture, 3), events(fixture, 3)];
      const large = event(sink, feeds[0], before[0]?.envelope.attributes.partitionkey ?? '', {
        kind: 'json',
        bytes: Buffer.from(`"${'x'.repeat(fixture.oversize.bytes)}"`),
      });
      const items = [...before, large, ...after];
      const deliveries = await settle(sink, items);
      expect(deliveries.map(({ status }) => status)).toEqual(
        items.map((item) => (item === large ? 'failed' : 'confirmed')),
      );
      expect(deliveries[before.length]).toMatchObject({ error: { code: 'EVENT_TOO_LARGE', disposition: 'poison' } });
      expect(await readBack(fixture, [large])).toEqual([]);
      await expectStored(fixture, [...before, ...after]);
    },
  },
  {
    name: 'ends within its deadline when the broker is away, and nothing is confirmed',
    needs: ['outage'],
    async run(fixture) {
      if (isUnsupported(fixture.outage)) return;
      await settle(fixture.sink, events(fixture, 1));
      const items = events(fixture, 20, 4);
      await fixture.outage.begin();
      const startedAt = performance.now();
      const deliveries = await publish(fixture.sink, items);
      expect(performance.now() - startedAt).toBeLessThan(fixture.deadlineMs + slackMs);
      expect(deliveries.map(({ status }) => status)).not.toContain('confirmed');
      for (const delivery of deliveries) {
        if (delivery.status !== 'confirmed') expect(delivery.error.disposition).toBe('retryable');
      }
      await fixture.outage.end();
      await expectTruth(fixture, items, deliveries);
    },
  },
  {
    name: 'opens and publishes later when the broker is away at the beginning',
    needs: ['outage'],
    async run(fixture) {
      if (isUnsupported(fixture.outage)) return;
      await fixture.outage.begin();
      const items = events(fixture, 5);
      const deliveries = await publish(fixture.sink, items);
      expect(deliveries.map(({ status }) => status)).not.toContain('confirmed');
      await fixture.outage.end();
      await settle(fixture.sink, items);
      await expectStored(fixture, items);
    },
  },
  {
    name: 'publishes again after the broker is back, in order and without loss',
    needs: ['outage'],
    async run(fixture) {
      if (isUnsupported(fixture.outage)) return;
      const items = events(fixture, 60, 3);
      await settle(fixture.sink, items.slice(0, 20));
      await fixture.outage.begin();
      await publish(fixture.sink, items.slice(20));
      const settling = settle(fixture.sink, items.slice(20));
      await fixture.outage.end();
      await settling;
      await expectStored(fixture, items);
    },
  },
  {
    name: 'an aborted publish confirms nothing it cannot prove',
    needs: [],
    async run(fixture) {
      const abortedBefore = events(fixture, 3);
      const deliveries = await publish(fixture.sink, abortedBefore, AbortSignal.abort());
      expect(deliveries.map(({ status }) => status)).toEqual(abortedBefore.map(() => 'failed'));
      await expectTruth(fixture, abortedBefore, deliveries);

      const abortedWithin = events(fixture, 500, 5);
      const controller = new AbortController();
      const publishing = publish(fixture.sink, abortedWithin, controller.signal);
      setImmediate(() => controller.abort());
      await expectTruth(fixture, abortedWithin, await publishing);
    },
  },
  {
    name: 'an abort ends a publish that waits for a broker that is away',
    needs: ['outage'],
    async run(fixture) {
      if (isUnsupported(fixture.outage)) return;
      const items = events(fixture, 10, 2);
      await fixture.outage.begin();
      const controller = new AbortController();
      const publishing = publish(fixture.sink, items, controller.signal);
      controller.abort();
      const abortedAt = performance.now();
      const deliveries = await publishing;
      expect(performance.now() - abortedAt).toBeLessThan(slackMs);
      await fixture.outage.end();
      await expectTruth(fixture, items, deliveries);
    },
  },
  {
    name: 'nothing confirmed is lost when the broker is killed, and order is kept',
    needs: ['crash', 'ordered'],
    async run(fixture) {
      if (isUnsupported(fixture.crash)) return;
      const items = events(fixture, 3_000, 3);
      const publishing = (async () => {
        for (let at = 0; at < items.length; at += 30) await settle(fixture.sink, items.slice(at, at + 30));
      })();
      await fixture.crash.kill();
      await fixture.crash.restart();
      await publishing;
      expect(firstOccurrences(await readBack(fixture, items))).toEqual(expectedOrder(items));
    },
  },
];
