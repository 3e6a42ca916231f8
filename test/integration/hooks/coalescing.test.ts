import { expect, it } from 'vitest';
import type { AnySinkType } from '../../../src/core/sink-type.ts';
import { logSinkType } from '../../../src/sinks/log/index.ts';
import { startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { post } from '../../support/hooks/listener.ts';

const requests = 100;

/** The log, which counts the events of each call, and holds its calls up while it is told to. */
function heldSinkType() {
  const calls: number[] = [];
  let gate: PromiseWithResolvers<void> | undefined;
  const sinkType: AnySinkType = {
    ...logSinkType,
    async open(...settings) {
      const sink = await logSinkType.open(...settings);
      return {
        ...sink,
        async publish(items, signal) {
          calls.push(items.length);
          await gate?.promise;
          return await sink.publish(items, signal);
        },
      };
    },
  };
  return {
    sinkType,
    calls,
    hold() {
      gate = Promise.withResolvers();
    },
    release: () => gate?.resolve(),
  };
}

it('carries what many senders bring at once in few sends, in order of acceptance, and one alone at once', {
  timeout: 60_000,
}, async () => {
  const held = heldSinkType();
  await using bridge = await startHookedBridge({
    sinkTypes: [held.sinkType],
    pipelines: {
      hooked: {
        from: {
          connector: 'webhook',
          account: 'acme',
          path: '/hooks/sample',
          verify: 'none',
          answer: { within: '30s' },
          event: { id: '/body/id', type: '"com.example.sample"', partitionkey: '"one"' },
        },
        to: { broker: 'out', topic: 'hooked' },
      },
    },
  });
  const statusOf = async (id: number) =>
    (await post(bridge.url('/hooks/sample'), JSON.stringify({ id: `${id}` }))).status;
  await expect.poll(() => statusOf(0)).toBe(200);
  held.calls.length = 0;
  expect(await statusOf(1)).toBe(200);
  expect(held.calls).toEqual([1]);

  held.hold();
  const first = statusOf(2);
  await expect.poll(() => held.calls.length).toBe(2);
  const others: Promise<number>[] = [];
  const accepted = () => bridge.recorder.of('batch.fetched').length;
  const before = accepted();
  for (let at = 0; at < requests; at++) {
    others.push(statusOf(at + 3));
    await expect.poll(accepted, { interval: 1 }).toBe(before + at + 1);
  }
  held.release();
  expect(new Set(await Promise.all([first, ...others]))).toEqual(new Set([200]));
  expect(held.calls).toEqual([1, 1, requests]);
  const ids = (await bridge.stored('hooked')).map(({ event }) => Number(event['id']));
  expect(ids).toEqual(Array.from({ length: requests + 3 }, (_, id) => id));
});
